// The queue while one reads it: news wait behind a button where they would move what one is at; the title counts them.
(() => {
  const list = document.getElementById("queue-list");
  const button = document.getElementById("queue-news");
  if (!list || !button) return;
  const title = document.title;
  let waiting;
  let unseen = 0;

  const lines = (part) => new Map([...part.querySelectorAll("tr[id]")].map((line) => [line.id, line.dataset.version]));

  function changes(fresh) {
    const [now, then] = [lines(list), lines(fresh)];
    const changed = [...then].filter(([id, version]) => now.get(id) !== version);
    return changed.length + [...now.keys()].filter((id) => !then.has(id)).length;
  }

  // what now waits for the desk and did not, or waits anew
  function work(fresh) {
    const now = lines(list);
    const rows = [...fresh.querySelectorAll("tr[id]")].filter((row) => row.dataset.waits === "desk" && now.get(row.id) !== row.dataset.version);
    return rows.map((row) => row.querySelector("td.subject a").textContent);
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
    const number = changes(event.detail.fresh);
    if (!number) return;
    const subjects = work(event.detail.fresh);
    if (subjects.length) document.dispatchEvent(new CustomEvent("queue:news", { detail: subjects.slice(0, 5) }));
    if (isBusy()) {
      event.preventDefault();
      waiting = event.detail.show;
      ask(number);
      count(number);
    } else if (document.hidden) count(unseen + number);
  });

  list.addEventListener("live:after", () => {
    waiting = undefined;
    ask(0);
    if (!document.hidden) count(0);
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

  button.addEventListener("click", () => waiting && waiting());
  document.addEventListener("visibilitychange", () => document.hidden || waiting || count(0));
})();
