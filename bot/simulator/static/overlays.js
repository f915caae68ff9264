// Menus that open from a button or beside a message, dialogs with fields, and questions with yes and no.

import { $ } from "./dom.js";

const openMenus = new Map();

export function closeMenus() {
  for (const [list, opener] of openMenus) {
    list.hidden = true;
    opener.removeAttribute("data-open");
    if (opener.hasAttribute("aria-expanded")) opener.setAttribute("aria-expanded", "false");
  }
  openMenus.clear();
}

function openMenu(list, opener) {
  list.hidden = false;
  opener.toggleAttribute("data-open", true);
  if (opener.hasAttribute("aria-expanded")) opener.setAttribute("aria-expanded", "true");
  openMenus.set(list, opener);
}

const itemsOf = (list) => [...list.querySelectorAll("button:not([hidden]), a")];

/** `fill` gives the items anew each time the menu opens. */
export function menu(buttonId, listId, fill) {
  const [button, list] = [$(buttonId), $(listId)];
  button.addEventListener("click", () => {
    const wasOpen = openMenus.has(list);
    closeMenus();
    if (wasOpen) return;
    if (fill) list.replaceChildren(...fill());
    openMenu(list, button);
    itemsOf(list)[0]?.focus();
  });
  list.addEventListener("keydown", (event) => move(event, list));
}

/** A menu beside `opener`, kept inside the window. */
export function menuBeside(list, opener, items) {
  closeMenus();
  list.replaceChildren(...items);
  openMenu(list, opener);
  const anchor = (opener.querySelector?.(".bubble") ?? opener).getBoundingClientRect();
  const { width, height } = list.getBoundingClientRect();
  const left = Math.min(Math.max(8, anchor.right - width), innerWidth - width - 8);
  const below = Math.max(anchor.bottom, 0) + height + 12 < innerHeight;
  const top = below ? anchor.bottom + 4 : Math.max(8, Math.min(anchor.top, innerHeight) - height - 4);
  list.style.left = `${Math.max(8, left)}px`;
  list.style.top = `${top}px`;
  itemsOf(list)[0]?.focus();
}

function move(event, list) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = itemsOf(list);
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
}

$("message-menu")?.addEventListener("keydown", (event) => move(event, $("message-menu")));
document.addEventListener("pointerdown", (event) => { if (!event.target.closest(".menu-holder, .menu")) closeMenus(); });
document.addEventListener("keydown", (event) => {
  if (!openMenus.size || !["Escape", "Tab"].includes(event.key)) return;
  const [opener] = openMenus.values();
  closeMenus();
  if (event.key === "Escape") event.preventDefault();
  opener.focus();
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

/** A dialog with fields: `filled` gets them when it is sent. Answers how to open it. */
export function form(id, filled) {
  const dialog = $(id);
  const fields = dialog.querySelector("form");
  fields.addEventListener("submit", () => { filled(new FormData(fields)); fields.reset(); });
  dialog.querySelector(".cancel").addEventListener("click", () => dialog.close());
  return () => dialog.showModal();
}
