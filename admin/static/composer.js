// Writing: the draft is kept while one types, Ctrl+Enter sends, files are dropped and pasted.
// Without this script the forms do their work, and keep what was refused.
(() => {
  const QUIET = 700; // milliseconds without a key before the draft is kept
  const AGAIN = 5000; // and before it is tried again where nobody answered

  function keepDrafts(form) {
    const area = form.elements.text;
    const status = document.getElementById(`${form.dataset.form}-draft`);
    let kept = area.value;
    let timer;
    let asking;

    async function keep() {
      clearTimeout(timer);
      if (area.value === kept) return;
      const text = area.value;
      const fields = { csrf: form.elements.csrf.value, submission: form.elements.submission.value, form: form.dataset.form, text };
      asking?.abort();
      asking = new AbortController();
      try {
        const answer = await fetch(form.dataset.drafts, { method: "POST", body: new URLSearchParams(fields), redirect: "error", keepalive: text.length < 15000, signal: asking.signal });
        if (!answer.ok) throw new Error(answer.status);
        kept = text;
        status.textContent = await answer.text();
      } catch (error) {
        if (error.name === "AbortError") return;
        status.textContent = status.dataset.lost;
        if (error instanceof TypeError) timer = setTimeout(keep, AGAIN); // the desk did not refuse it: it was not reached
      }
    }

    area.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(keep, QUIET);
    });
    document.addEventListener("visibilitychange", () => document.hidden && keep());
    addEventListener("online", keep);
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      asking?.abort();
      kept = area.value; // it goes with the form
    });
  }

  function sendByKeys(form) {
    form.querySelector(".keys").hidden = false;
    form.elements.text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }

  for (const form of document.querySelectorAll("form[data-drafts]")) {
    keepDrafts(form);
    sendByKeys(form);
  }
})();
