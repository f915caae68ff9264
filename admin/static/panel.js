// Menus close when one looks elsewhere; a form that is on its way shows it. Nothing here is needed to work.
const menus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.target === "_blank") return;
  event.target.setAttribute("aria-busy", "true");
  document.documentElement.classList.add("is-sending");
});

// a page taken out of the browser's memory is not on its way any more
window.addEventListener("pageshow", () => {
  document.documentElement.classList.remove("is-sending");
  for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
});
