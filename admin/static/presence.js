// Says every twenty seconds that somebody has the ticket open, and whether an answer is being written.
// Without this script one sees who else is here when the page is loaded, and is not seen.
(() => {
  const EVERY = 20000;
  const form = document.querySelector("[data-presence]");
  if (!form) return;
  const area = form.dataset.form ? form.elements.text : null;
  const thread = document.getElementById("thread");
  let said;

  const isWriting = () => Boolean(area?.value.trim());

  function say(fields) {
    const body = new URLSearchParams({ csrf: form.dataset.csrf ?? form.elements.csrf.value, ...fields });
    // the page asks by itself: that keeps no log-in alive
    fetch(form.dataset.presence, { method: "POST", body, keepalive: true, headers: { "X-Live": "1" } }).catch(() => {});
  }

  function beat() {
    if (document.hidden) return;
    said = isWriting();
    say(said ? { writing: "1" } : {});
  }

  area?.addEventListener("input", () => isWriting() !== said && beat());
  document.addEventListener("visibilitychange", beat);
  addEventListener("pagehide", () => say({ gone: "1" }));
  setInterval(beat, EVERY);
  beat();

  // What the customer adds is read where it appears; what a colleague writes is asked about before one sends.
  thread?.addEventListener("live:after", () => {
    const fields = [...document.querySelectorAll("input[name=read]")];
    if (!fields.length || document.hidden) return;
    let read = Number(fields[0].value);
    for (const article of thread.querySelectorAll(".article[data-position]")) {
      if (Number(article.dataset.position) !== read + 1) continue;
      if (!article.matches(".article-customer, .is-own")) break;
      read += 1;
    }
    for (const field of fields) field.value = read;
  });
})();
