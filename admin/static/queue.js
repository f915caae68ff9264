// The queue while one reads it: news wait behind a button where they would move what one is at; the title counts them.
(() => {
  const list = document.getElementById("queue-list");
  const button = document.getElementById("queue-news");
  if (!list || !button) return;
  const below = document.getElementById("queue-below");
  const title = document.title;
  let waiting;
  let coming = new Map();
  let held = [];
  let isAsked = false;
  let unseen = 0;

  const lines = (part) => new Map([...part.querySelectorAll("tr[id]")].map((line) => [line.id, line.dataset.version]));

  function changes(fresh) {
    const [now, then] = [lines(list), lines(fresh)];
    const changed = [...then].filter(([id, version]) => now.get(id) !== version);
    return changed.length + [...now.keys()].filter((id) => !then.has(id)).length;
  }

  const isBusy = () => scrollY > 8 || list.contains(document.activeElement) || list.querySelector(":checked");

  function count(number) {
    unseen = number;
    document.title = number ? `(${number}) ${title}` : title;
  }

  function ask(number) {
    const words = number === 1 ? button.dataset.one : button.dataset.many.replace("%s", number);
    if (button.textContent !== words) button.textContent = words;
    button.hidden = !number;
  }

  list.addEventListener("live:before", (event) => {
    event.detail.fresh.querySelector("#tick-all")?.removeAttribute("hidden"); // as here, or the lines below it move
    const number = changes(event.detail.fresh);
    if (!number) return;
    if (isBusy()) {
      event.preventDefault();
      waiting = event.detail.show;
      coming = lines(event.detail.fresh);
      ask(number + held.length);
      count(number + held.length);
    } else if (document.hidden) count(unseen + number);
  });

  list.addEventListener("live:after", () => {
    waiting = undefined;
    coming = new Map();
    const keeps = isBusy() && !isAsked;
    if (!keeps) sayBelow();
    ask(held.length);
    if (held.length || !document.hidden) count(held.length);
  });

  // Behind a full page the newest stand far below: they are named above it.
  function sayBelow() {
    const fresh = held.map(({ number, subject }) => Object.assign(document.createElement("a"), { href: `/tickets/${number}`, textContent: `#${number} ${subject}` }));
    held = [];
    const known = new Set(fresh.map((link) => link.pathname));
    const links = [...fresh.reverse(), ...[...below.querySelectorAll("a")].filter((link) => !known.has(link.pathname))];
    const shown = links.filter((link) => !document.getElementById(`ticket-${link.pathname.split("/").pop()}`)).slice(0, 5);
    below.hidden = !shown.length;
    below.replaceChildren(...(shown.length ? [below.dataset.words, ...shown.flatMap((link) => [" ", link])] : []));
  }

  document.addEventListener("live:work", (event) => {
    if (!("whole" in list.dataset)) return;
    const now = lines(list);
    const isAway = ({ number }) => !now.has(`ticket-${number}`) && !coming.has(`ticket-${number}`);
    const away = event.detail.filter(isAway);
    if (!away.length) return;
    held = [...held.filter(({ number }) => !away.some((one) => one.number === number)), ...away];
    if (isBusy() || waiting) {
      ask((waiting ? unseen : 0) + away.length);
      count(unseen + away.length);
    } else {
      if (document.hidden) count(unseen + away.length);
      sayBelow();
    }
  });

  // ticking opens what may be done to the ticked ones
  const box = document.getElementById("bulk-box");
  function tell() {
    const number = list.querySelectorAll("[name=chosen]:checked").length;
    const count = document.getElementById("bulk-count");
    count.textContent = number;
    count.hidden = !number;
    if (!number || box.open) return;
    const before = list.getBoundingClientRect().top;
    box.open = true;
    scrollBy(0, list.getBoundingClientRect().top - before); // the line just ticked stays where it is
  }
  function offerAll() {
    const all = document.getElementById("tick-all");
    if (all) all.hidden = false;
  }
  if (box) {
    list.addEventListener("change", (event) => {
      if (event.target.id === "tick-all") {
        for (const tick of list.querySelectorAll("[name=chosen]")) tick.checked = event.target.checked;
      }
      tell();
    });
    list.addEventListener("live:after", offerAll);
    offerAll();
    if (list.querySelector("[name=chosen]:checked")) tell();
  }

  button.addEventListener("click", () => {
    isAsked = true;
    if (waiting) waiting();
    sayBelow();
    ask(0);
    count(0);
    isAsked = false;
  });
  document.addEventListener("visibilitychange", () => document.hidden || waiting || held.length || count(0));
})();
