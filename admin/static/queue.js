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

  button.addEventListener("click", () => waiting && waiting());
  document.addEventListener("visibilitychange", () => document.hidden || waiting || count(0));
})();
