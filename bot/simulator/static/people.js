// The list of people: who can be played, what was said last, what is unread.

import { $, briefly, make, words } from "./dom.js";
import { summary } from "./bubbles.js";

export const nameOf = (person) => [person.first_name, person.last_name].filter(Boolean).join(" ");
const colour = (person) => `c${Math.abs(person.id) % 6}`;

function row(person, chosen, open) {
  const { last } = person;
  const said = last ? `${last.from_bot ? "" : `${words.you}: `}${summary(last)}` : words.nothingYet;
  const time = last ? make("time", { className: "who-time" }, briefly(last.date)) : null;
  const unread = person.unread
    ? make("span", { className: "badge", "aria-label": `${person.unread} ${words.unread}` }, String(person.unread)) : null;
  const button = make(
    "button", { type: "button", className: "who", "aria-current": person.id === chosen ? "true" : null },
    make("span", { className: `avatar ${colour(person)}`, "aria-hidden": "true" }, person.first_name.slice(0, 1)),
    make(
      "span", { className: "who-text" },
      make("span", { className: "who-line" }, make("span", { className: "who-name" }, nameOf(person)), time),
      make("span", { className: "who-line" }, make("span", { className: "who-last" }, said.replaceAll("\n", " ")), unread),
      person.note ? make("span", { className: "who-note" }, person.note) : null,
    ),
  );
  button.addEventListener("click", () => open(person.id));
  return make("li", {}, button);
}

export function showPeople(people, chosen, open) {
  const list = $("people");
  const focused = [...list.children].indexOf(document.activeElement?.closest?.("#people li"));
  list.replaceChildren(...people.map((person) => row(person, chosen, open)));
  if (focused >= 0) list.children[focused]?.querySelector("button").focus();
}
