// Files for an answer, a note or a new ticket: chosen in several goes, dropped or pasted, and each taken out again.
// They go to the form they are dropped on or pasted into. Without this script a file field takes what is chosen at once.
document.querySelectorAll("input[type=file][data-each]").forEach((field) => {
  const form = field.form;
  const list = document.createElement("ul");
  const problem = document.createElement("p");
  const drop = document.createElement("p");
  let files = [];

  list.className = "chosen";
  problem.className = "problem";
  problem.setAttribute("role", "alert");
  drop.className = "hint";
  drop.textContent = field.dataset.drop;
  field.after(drop, list, problem);

  const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

  function line(file) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const words = document.createElement("span");
    words.textContent = `${file.name} · ${size(file.size)}`;
    button.type = "button";
    button.className = "small";
    button.textContent = field.dataset.remove;
    button.setAttribute("aria-label", `${field.dataset.remove}: ${file.name}`);
    button.addEventListener("click", () => {
      take(files.filter((other) => other !== file));
      field.focus();
    });
    item.append(words, button);
    return item;
  }

  function take(all) {
    const bag = new DataTransfer();
    files = all;
    files.forEach((file) => bag.items.add(file));
    field.files = bag.files;
    list.replaceChildren(...files.map(line));
    const large = files.find((file) => file.size > Number(field.dataset.each));
    const sum = files.reduce((bytes, file) => bytes + file.size, 0);
    problem.textContent = large ? `${large.name} ${field.dataset.large}` : sum > Number(field.dataset.all) ? field.dataset.many : "";
  }

  const add = (more) => take([...files, ...more]);
  const brings = (data) => [...(data?.types ?? [])].includes("Files");

  function named(file) {
    if (file.name !== "image.png") return file;
    const at = new Date().toTimeString().slice(0, 8).replaceAll(":", "");
    return new File([file], `captura-${at}.png`, { type: file.type });
  }

  field.addEventListener("change", () => add([...field.files]));
  form.addEventListener("paste", (event) => {
    // a cell of a table brings its picture, too: there the words are meant
    if (!brings(event.clipboardData) || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    add([...event.clipboardData.files].map(named));
  });
  form.addEventListener("dragover", (event) => {
    if (!brings(event.dataTransfer)) return;
    event.preventDefault();
    form.classList.add("is-over");
  });
  form.addEventListener("dragleave", (event) => form.contains(event.relatedTarget) || form.classList.remove("is-over"));
  form.addEventListener("drop", (event) => {
    if (!brings(event.dataTransfer)) return;
    event.preventDefault();
    form.classList.remove("is-over");
    add([...event.dataTransfer.files]);
  });
});
