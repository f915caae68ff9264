// The line with the consequence follows the choice and the minutes; without this script a button shows it.
(() => {
  const form = document.getElementById("close-form");
  if (!form) return;
  form.classList.add("is-live");
  let asked = 0;
  let timer;

  async function refresh() {
    const number = ++asked;
    const body = new URLSearchParams(new FormData(form));
    body.set("fragment", "1");
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body, redirect: "error" });
      if (!answer.ok || number !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("consequence");
      if (fresh) document.getElementById("consequence").replaceChildren(...fresh.childNodes);
    } catch {
      form.classList.remove("is-live"); // the button does the same
    }
  }

  form.addEventListener("input", (event) => {
    if (!["closure", "minutes", "shortfall"].includes(event.target.name) || !form.querySelector("[name=closure]:checked")) return;
    clearTimeout(timer);
    timer = setTimeout(refresh, event.target.name === "minutes" ? 250 : 0);
  });
})();
