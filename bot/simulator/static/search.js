// Words looked for in the open chat; a hit brings its message into sight.

import { $, ask, briefly, make, words } from "./dom.js";
import { summary } from "./contents.js";
import { author, path, quietly } from "./room.js";
import { reach } from "./timeline.js";

const PAUSE_MILLISECONDS = 160;
let timer;

function hit(message) {
  const button = make(
    "button", { type: "button" },
    make("strong", {}, author(message)), make("time", {}, briefly(message.date)), make("span", {}, summary(message).replaceAll("\n", " ")),
  );
  button.addEventListener("click", () => quietly(go(message.message_id)));
  return make("li", {}, button);
}

async function go(id) {
  $("search-found").replaceChildren();
  await reach(id);
}

async function look() {
  const wanted = $("search-words").value.trim();
  if (!wanted) return clear();
  const { messages, more } = await ask(`${path("/search")}?q=${encodeURIComponent(wanted)}`);
  if ($("search-words").value.trim() !== wanted) return undefined;
  const several = words.searchFound.replace("{count}", messages.length);
  const count = [words.searchNone, words.searchOne][messages.length] ?? several;
  $("search-count").textContent = more ? words.searchMore.replace("{count}", messages.length) : count;
  return $("search-found").replaceChildren(...messages.map(hit));
}

function clear() {
  $("search-found").replaceChildren();
  $("search-count").textContent = "";
}

export function closeSearch() {
  $("search").hidden = true;
  $("search-words").value = "";
  clear();
}

export function chatSearch() {
  $("find").addEventListener("click", () => { $("search").hidden = false; $("search-words").focus(); });
  $("search-words").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => quietly(look()), PAUSE_MILLISECONDS); });
  $("search").addEventListener("submit", (event) => { event.preventDefault(); quietly(look()); });
  $("search-close").addEventListener("click", () => { closeSearch(); $("find").focus(); });
  $("search").addEventListener("keydown", (event) => { if (event.key === "Escape") { closeSearch(); $("find").focus(); } });
}
