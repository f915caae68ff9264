// The conversation opens at its newest message, and its pictures one after the other.
// Without this script one scrolls, and each picture opens by its link.
(() => {
  const end = document.getElementById("end");
  const isVisit = performance.getEntriesByType("navigation")[0]?.type === "navigate";
  if (end && isVisit && !location.hash && !new URLSearchParams(location.search).has("before") && !document.querySelector("[autofocus]:not(dialog *)")) {
    if (end.getBoundingClientRect().top > innerHeight) end.scrollIntoView({ block: "center" });
  }

  const part = (name) => document.getElementById(`viewer-${name}`);
  const viewer = document.getElementById("viewer");
  const pictures = () => [...document.querySelectorAll("a.thumbnail")];
  if (!viewer?.showModal) return;
  let shown;

  function show(link) {
    const all = pictures();
    shown = link;
    const picture = new Image(); // a new one: the last picture is not shown under this one's name
    picture.alt = link.querySelector("img").alt;
    picture.src = link.href;
    part("frame").replaceChildren(picture);
    part("name").textContent = link.dataset.name;
    part("place").textContent = `${all.indexOf(link) + 1} / ${all.length}`;
    part("save").href = link.dataset.file;
    part("previous").hidden = part("next").hidden = all.length < 2;
  }

  function step(by) {
    const all = pictures();
    show(all[(all.indexOf(shown) + by + all.length) % all.length]);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.thumbnail");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link);
    viewer.showModal();
  });
  viewer.addEventListener("click", (event) => event.target === viewer && viewer.close());
  viewer.addEventListener("close", () => shown.focus());
  viewer.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
    event.stopPropagation(); // not a shortcut of the page
  });
  part("previous").addEventListener("click", () => step(-1));
  part("next").addEventListener("click", () => step(1));
  part("close").addEventListener("click", () => viewer.close());
})();
