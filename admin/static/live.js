// Parts of a page that change by themselves: an element with an id and data-live="queue", "ticket" or "bar" is fetched
// again when the desk says that this changed. Forms being filled in do not belong into one. Who must not be disturbed
// cancels the event live:before and calls its detail.show() later; live:after says that the part is new.
(() => {
  const state = document.getElementById("live-state");
  if (!state || !window.EventSource) return;
  const wanted = new Set();
  let address = document.body.dataset.stream;
  let failures = 0;
  let busy = false;
  let ended = false;
  let keeps = false;
  let heard = 0;
  let stream, retry, silence, running, ending;

  function say(words, link) {
    ending = false;
    state.hidden = !words;
    if (state.textContent === words) return;
    state.textContent = words;
    if (link) state.append(" ", Object.assign(document.createElement("a"), { href: location.href, textContent: link }));
  }

  function over() {
    ended = true;
    stream.close();
    clearTimeout(retry);
    say(state.dataset.over, state.dataset.enter);
  }

  // Minutes before the log-in ends; nothing where somebody went on, on whichever page.
  function soon(end) {
    if (!end) return ending && say("");
    const clock = { hour: "2-digit", minute: "2-digit", timeZone: state.dataset.zone };
    const at = new Date(Date.now() + end.seconds * 1000).toLocaleTimeString(document.documentElement.lang, clock);
    say((end.idle ? state.dataset.idle : state.dataset.longest).replace("%s", at));
    ending = true;
    if (end.idle) state.append(" ", stayer());
  }

  function stayer() {
    let before; // where one was: the button goes away under the focus
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: state.dataset.stay });
    button.addEventListener("focus", (event) => (before = event.relatedTarget));
    button.addEventListener("click", async () => {
      const form = document.getElementById("stay");
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
      if (answer?.status === 401) over();
      if (!answer?.ok) return;
      if (ending) say("");
      before?.focus();
    });
    return button;
  }

  function listen() {
    clearTimeout(retry);
    if (stream) stream.close();
    if (ended) return;
    stream = new EventSource(address);
    stream.addEventListener("open", () => {
      failures = 0;
      say("");
      hear();
      refresh();
    });
    stream.addEventListener("beat", hear);
    stream.addEventListener("change", (event) => {
      hear();
      event.data.split(" ").forEach((part) => wanted.add(part));
      refresh();
    });
    stream.addEventListener("work", (event) => {
      hear();
      told(JSON.parse(event.data));
    });
    stream.addEventListener("ending", (event) => {
      hear();
      soon(event.data && JSON.parse(event.data));
    });
    stream.addEventListener("over", over);
    stream.addEventListener("error", lost);
  }

  // New work: the list is fetched first, so that who counts knows what it shows.
  async function told(work) {
    heard = Math.max(heard, ...work.map(({ id }) => id));
    if (document.querySelector('[data-live="queue"]')) {
      wanted.add("queue");
      await refresh();
    }
    document.dispatchEvent(new CustomEvent("live:work", { detail: work }));
  }

  // What came while one went from page to page is told by the next one.
  function goOn() {
    const url = new URL(address, location);
    const [last, at] = (sessionStorage.getItem("heard") ?? "").split(" ").map(Number);
    heard = Number(url.searchParams.get("work") ?? 0);
    if (!heard || !last || last > heard || Date.now() - at > 15000) return;
    heard = last;
    url.searchParams.set("work", last);
    address = url.pathname + url.search;
  }

  function hear() {
    clearTimeout(silence);
    silence = setTimeout(lost, 40000); // the desk says something every fifteen seconds
  }

  function lost() {
    if (ended) return;
    stream.close();
    clearTimeout(silence);
    clearTimeout(retry);
    failures += 1;
    if (failures > 1 || !navigator.onLine) say(state.dataset.offline); // a desk that starts anew is no news
    if (failures > 1 && navigator.onLine) {
      wanted.add("bar"); // it may be the log-in that is over
      refresh();
    }
    retry = setTimeout(listen, Math.min(30000, 1000 * 2 ** (failures - 1)) * (0.75 + Math.random() / 2));
  }

  function refresh() {
    if (busy || ended || !wanted.size) return running;
    running = fetchParts();
    return running;
  }

  async function fetchParts() {
    busy = true;
    const parts = new Set(wanted);
    wanted.clear();
    let isHere = true;
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { "X-Live": "1" } });
      if (answer.redirected && new URL(answer.url).pathname === "/login") over();
      else if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"), parts);
    } catch {
      isHere = false;
      parts.forEach((part) => wanted.add(part)); // with the connection
    }
    busy = false;
    if (isHere) refresh();
  }

  function show(page, parts) {
    address = page.body.dataset.stream || address;
    for (const old of document.querySelectorAll("[data-live]")) {
      const fresh = parts.has(old.dataset.live) && page.getElementById(old.id);
      if (!fresh || old.isEqualNode(fresh)) continue;
      const detail = { fresh, show: () => settle(old, fresh) };
      if (old.dispatchEvent(new CustomEvent("live:before", { bubbles: true, cancelable: true, detail }))) detail.show();
    }
  }

  // What one reads or writes stays where it is, whatever grows above it.
  function settle(old, fresh) {
    const active = document.activeElement;
    const isActive = active && active !== document.body;
    const pin = isActive ? active : scrollY > 0 && document.elementFromPoint(innerWidth / 2, innerHeight / 3);
    const before = pin && pin.getBoundingClientRect().top;
    morph(old, fresh);
    if (pin && pin.isConnected) scrollBy(0, pin.getBoundingClientRect().top - before);
    old.dispatchEvent(new CustomEvent("live:after", { bubbles: true }));
  }

  function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.data = fresh.data;
      return;
    }
    // what one opened stays open, what one ticked stays ticked, also where a refused form came back with it
    const kept = ["open", "checked"];
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !kept.includes(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const named = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
    let at = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      let own = child.id ? named.get(child.id) : at;
      while (!child.id && own && own.id && named.has(own.id)) own = own.nextSibling;
      if (own && own.nodeName === child.nodeName && (own.id || "") === (child.id || "")) {
        if (own === at) at = at.nextSibling;
        else old.insertBefore(own, at);
        morph(own, child);
      } else {
        old.insertBefore(child, at);
        if (child.nodeType === Node.ELEMENT_NODE) child.classList.add("is-fresh");
      }
    }
    while (at) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
  }

  addEventListener("offline", lost);
  addEventListener("online", () => listen());
  addEventListener("pagehide", () => {
    if (heard) sessionStorage.setItem("heard", `${heard} ${Date.now()}`);
    stream.close();
  });
  addEventListener("pageshow", (event) => event.persisted && listen());
  document.addEventListener("visibilitychange", () => {
    if (keeps || document.querySelector('[data-live="queue"]')) return; // it counts in its title
    // a browser opens six connections to a desk and no more: pages nobody looks at give theirs back
    if (document.hidden) stream.close();
    else listen();
  });
  // Of the pages nobody looks at one goes on listening where news are to be told.
  if (localStorage.getItem("notify") && navigator.locks) {
    navigator.locks.request("news", () => {
      keeps = true;
      if (stream.readyState === EventSource.CLOSED) listen();
      return new Promise(() => {});
    });
  }
  goOn();
  listen();
})();
