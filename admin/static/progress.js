// While a list is being registered its page asks how far it is; without a script the page is loaded again by itself.
// X-Live: nobody asks but the page, which keeps no log-in alive.
const EVERY = 1000;

async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Live": "1" } }).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-progress]");
    const shown = document.querySelector("[data-progress]");
    if (fresh && shown) {
      shown.replaceWith(document.adoptNode(fresh));
      if (fresh.dataset.progress !== "running") return;
    }
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
