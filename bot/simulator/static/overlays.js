// Menus that open from a button, and questions with yes and no.

import { $ } from "./dom.js";

const openMenus = new Map();

export function closeMenus() {
  for (const [list, button] of openMenus) {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
  }
  openMenus.clear();
}

/** `fill` gives the items anew each time the menu opens. */
export function menu(buttonId, listId, fill) {
  const [button, list] = [$(buttonId), $(listId)];
  button.addEventListener("click", () => {
    const wasOpen = openMenus.has(list);
    closeMenus();
    if (wasOpen) return;
    if (fill) list.replaceChildren(...fill());
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    openMenus.set(list, button);
    list.querySelector("button")?.focus();
  });
  list.addEventListener("keydown", (event) => move(event, list));
}

function move(event, list) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...list.querySelectorAll("button")];
  const at = items.indexOf(document.activeElement);
  items[(at + step + items.length) % items.length].focus();
}

document.addEventListener("click", (event) => { if (!event.target.closest(".menu-holder")) closeMenus(); });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !openMenus.size) return;
  const button = [...openMenus.values()][0];
  closeMenus();
  button.focus();
});

/** Whether the person said yes. */
export function question(text, yes) {
  const dialog = $("question");
  $("question-text").textContent = text;
  $("question-yes").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
