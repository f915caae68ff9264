// Results while one types: the page of the search is asked, and its first hits stand under the field. Without this script
// the form does the same.
(() => {
  const field = document.getElementById("find");
  const list = document.getElementById("find-hits");
  const said = document.getElementById("find-said");
  if (!field || !list) return;
  const QUIET = 250; // milliseconds without a key
  const SHOWN = 8;
  let timer, asking;
  let chosen = -1;

  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");

  const options = () => [...list.children];

  function choose(number) {
    chosen = number;
    options().forEach((option, place) => option.setAttribute("aria-selected", place === chosen));
    const option = options()[chosen];
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  function open(isOpen) {
    list.hidden = !isOpen;
    field.setAttribute("aria-expanded", isOpen);
    if (!isOpen) choose(-1);
  }

  function close() {
    clearTimeout(timer);
    asking?.abort();
    open(false);
  }

  function option(link, place) {
    const made = Object.assign(document.createElement("div"), { id: `find-hit-${place}`, textContent: link.textContent.trim().replace(/\s+/g, " ") });
    made.setAttribute("role", "option");
    made.dataset.path = link.getAttribute("href");
    if (link.dataset.company) made.append(Object.assign(document.createElement("span"), { textContent: link.dataset.company }));
    return made;
  }

  async function ask() {
    const words = field.value.trim();
    asking?.abort();
    if (words.length < 2) return close();
    asking = new AbortController();
    try {
      const answer = await fetch(`/?${new URLSearchParams({ q: words })}`, { signal: asking.signal, redirect: "error" });
      if (!answer.ok) return close();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const links = [...page.querySelectorAll("[data-hit]")].slice(0, SHOWN);
      list.replaceChildren(...links.map(option));
      choose(-1);
      open(links.length > 0);
      said.textContent = links.length === 0 ? said.dataset.none : links.length === 1 ? said.dataset.one : said.dataset.many.replace("%s", links.length);
    } catch (error) {
      if (error.name !== "AbortError") close(); // Enter still asks for the page, and says what is wrong
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, QUIET);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const last = options().length - 1;
    if (event.key === "ArrowDown") choose(chosen === last ? -1 : chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen === -1 ? last : chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) location.assign(options()[chosen].dataset.path);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const hit = event.target.closest("[role=option]");
    if (hit) location.assign(hit.dataset.path);
  });
  field.addEventListener("blur", close);
})();
