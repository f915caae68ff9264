// Single keys for who does not like the mouse; each does what a link or a button of the page does, and none in
// a field. Who has turned them off in Mi cuenta has the sheet, opened by its button.
(() => {
  const sheet = document.getElementById("keys");
  const opener = document.getElementById("keys-open");
  if (!sheet || !opener) return;
  opener.hidden = false;
  opener.addEventListener("click", () => show());
  document.getElementById("keys-close").addEventListener("click", () => sheet.close());

  function show() {
    document.querySelector("details.menu[open]")?.removeAttribute("open");
    sheet.showModal();
  }

  const go = { q: "/", n: "/tickets/new", c: "/companies", b: "/billing", r: "/reports", d: "/deliveries", s: "/settings" };

  const there = (selector) => {
    const element = document.querySelector(selector);
    element?.closest("details:not([open])")?.setAttribute("open", "");
    element?.focus();
    element?.scrollIntoView({ block: "center" });
    return Boolean(element);
  };

  const lines = () => [...document.querySelectorAll("#queue-list tbody tr, .results > li")];
  const line = () => document.activeElement?.closest("#queue-list tbody tr, .results > li");

  function step(by) {
    const all = lines();
    const at = all.indexOf(line());
    const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
    next?.querySelector('a[href^="/tickets/"]').focus();
    next?.scrollIntoView({ block: "nearest" });
    return Boolean(next);
  }

  function tick() {
    const box = line()?.querySelector("[name=chosen]");
    if (!box) return false;
    const link = document.activeElement;
    box.click();
    link.focus();
    return true;
  }

  function open() {
    const link = line()?.querySelector('a[href^="/tickets/"]');
    link?.click();
    return Boolean(link);
  }

  function follow(selector) {
    const link = document.querySelector(selector);
    link?.click();
    return Boolean(link);
  }

  const keys = {
    "?": () => show() || true,
    "/": () => there("#find"),
    j: () => step(1) || follow("a[rel=next]"),
    k: () => step(-1) || follow("a[rel=prev]"),
    o: open,
    x: tick,
    r: () => there("#reply-text"),
    n: () => there("#note-text"),
    t: () => there("#take-form button"),
    c: () => there("#close-form [name=closure]:checked, #close-form [name=closure]:not(:disabled)"),
  };

  function goTo(key) {
    return Boolean(go[key]) && follow(`.bar a[href="${go[key]}"]`);
  }

  if (document.body.dataset.keys === "off") return;

  const isInField = (target) => target.matches?.("input, select, textarea, [contenteditable]");

  let since = -Infinity; // when g was pressed
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isInField(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const isSecond = event.timeStamp - since < 1500;
    since = event.key === "g" && !isSecond ? event.timeStamp : -Infinity;
    const isDone = isSecond ? goTo(event.key) : Object.hasOwn(keys, event.key) && keys[event.key]();
    if (isDone) event.preventDefault();
  });
})();
