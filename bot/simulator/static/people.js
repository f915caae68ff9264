// The list of people and groups: who can be played, what was said last, what is unread; a drawer on a narrow screen.

import { $, ask, briefly, make, words } from "./dom.js";
import { form, menu, closeMenus } from "./overlays.js";
import { nameOf, quietly, room } from "./room.js";
import { isService, summary } from "./contents.js";

const colour = (person) => `c${Math.abs(person.id) % 6}`;
let open = () => {};
let timer;

function said(person) {
  const { last } = person;
  if (!last) return words.nothingYet;
  if (last.from_bot || isService(last)) return summary(last);
  return `${person.group ? last.from?.first_name ?? "" : words.you}: ${summary(last)}`;
}

function row(person) {
  const time = person.last ? make("time", { className: "who-time" }, briefly(person.last.date)) : null;
  const unread = person.unread
    ? make("span", { className: "badge", role: "img", "aria-label": `${person.unread} ${words.unread}` }, String(person.unread)) : null;
  const note = person.group ? words.group : person.note;
  const button = make(
    "button", { type: "button", className: "who", "aria-current": person.id === room.chat?.user.id ? "true" : null },
    make("span", { className: `avatar ${colour(person)}${person.group ? " many" : ""}`, "aria-hidden": "true" }, nameOf(person).slice(0, 1)),
    make(
      "span", { className: "who-text" },
      make("span", { className: "who-line" }, make("span", { className: "who-name" }, nameOf(person)), time),
      make("span", { className: "who-line" }, make("span", { className: "who-last" }, said(person).replaceAll("\n", " ")), unread),
      note ? make("span", { className: "who-note" }, note) : null,
    ),
  );
  button.addEventListener("click", () => open(person.id));
  return make("li", {}, button);
}

export function showPeople() {
  const list = $("people");
  const focused = [...list.children].indexOf(document.activeElement?.closest?.("#people li"));
  list.replaceChildren(...room.people.map(row));
  if (focused >= 0) list.children[focused]?.querySelector("button").focus();
  const others = room.people.filter((person) => person.id !== room.chat?.user.id).reduce((sum, person) => sum + person.unread, 0);
  $("others-unread").hidden = !others;
  $("others-unread").textContent = String(others);
  $("back").setAttribute("aria-label", others ? `${words.back} (${words.unread}: ${others})` : words.back);
}

export async function refreshPeople() {
  room.people = await ask("/sim/people");
  showPeople();
}

export function refreshPeopleSoon() {
  timer ??= setTimeout(() => { timer = undefined; quietly(refreshPeople()); }, 120);
}

/* ---- the drawer ---- */

export function drawer(shown) {
  $("phone").toggleAttribute("data-drawer", shown);
  $("scrim").hidden = !shown;
  $("chat").inert = shown;
  $("back").setAttribute("aria-expanded", String(shown));
  if (shown) ($("people").querySelector("[aria-current]") ?? $("people").querySelector("button"))?.focus();
}

/* ---- new people and groups ---- */

function memberChoices() {
  return room.people.filter((person) => !person.group).map((person) => make(
    "label", { className: "choice" }, make("input", { type: "checkbox", name: "members", value: person.id }), nameOf(person),
  ));
}

async function made(path, wish) {
  const { id } = await ask(path, "POST", wish);
  await refreshPeople();
  open(id);
}

/** `go` opens the chat of a person or a group. */
export function peopleList(go) {
  open = go;
  menu("add", "add-menu");
  const openPerson = form("person", (fields) => quietly(made("/sim/people", Object.fromEntries(fields))));
  const openGroup = form("group", (fields) => quietly(made("/sim/groups", { title: fields.get("title"), members: fields.getAll("members") })));
  $("add-person").addEventListener("click", () => { closeMenus(); openPerson(); });
  $("add-group").addEventListener("click", () => { closeMenus(); $("group-members").replaceChildren(...memberChoices()); openGroup(); });
  $("back").addEventListener("click", () => drawer(true));
  $("scrim").addEventListener("click", () => { drawer(false); $("back").focus(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || $("scrim").hidden || document.querySelector("dialog[open]")) return;
    drawer(false);
    $("back").focus();
  });
}
