// Companies are found while one types, with who of them may be told; without this script a button looks them up.
(() => {
  const form = document.getElementById("new-ticket");
  if (!form) return;
  const found = document.getElementById("company-found");
  const field = form.elements.namedItem("company");
  let asked = 0;
  let timer;

  form.classList.add("is-live");

  async function lookUp() {
    const number = ++asked;
    const body = new FormData(form);
    body.delete("files");
    body.set("company", field.value);
    body.set("fragment", "1");
    try {
      const answer = await fetch(found.dataset.lookUp, { method: "POST", body: new URLSearchParams(body), redirect: "error" });
      if (!answer.ok || number !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      found.replaceChildren(...page.body.childNodes);
    } catch {
      form.classList.remove("is-live"); // the button does the same
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(lookUp, 250);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault(); // in this field it means: look it up
    clearTimeout(timer);
    lookUp();
  });
  found.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=company]");
    if (!button || !form.classList.contains("is-live")) return;
    event.preventDefault();
    field.value = button.value;
    lookUp();
    field.focus();
  });
})();
