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

// Without a connection nothing is sent: the page stays with what was typed, where the browser would show one of its own.
function holdBack(event) {
  document.getElementById("unsent")?.remove();
  const state = document.getElementById("live-state");
  if (navigator.onLine || !state || state.hidden) return; // a desk on this very machine is there without a network
  event.preventDefault();
  event.stopImmediatePropagation();
  const form = event.target;
  const button = event.submitter ?? form.querySelector("button.main, button:not([type=button])");
  const notice = Object.assign(document.createElement("p"), { id: "unsent", className: "refusal", textContent: state.dataset.unsent });
  notice.setAttribute("role", "alert");
  if (button) (button.closest(".actions") ?? button).before(notice);
  else form.append(notice);
}

document.addEventListener("submit", holdBack, { capture: true });
window.addEventListener("online", () => document.getElementById("unsent")?.remove());

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
