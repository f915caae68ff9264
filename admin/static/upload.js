// Shows how far the file has come; without this script the form does the same, silently.
(() => {
  const form = document.getElementById("upload-form");
  if (!form) return;
  const [problem, bar] = ["upload-problem", "upload-progress"].map((id) => document.getElementById(id));
  const button = form.querySelector("button");

  function refuse(words) {
    problem.textContent = words;
    problem.hidden = false;
    bar.hidden = true;
    button.disabled = false;
  }

  function reasonIn(text) {
    try {
      return JSON.parse(text).problem;
    } catch {
      return form.dataset.brokeOff;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = form.elements.file.files[0];
    if (!file) return;
    if (file.size > Number(form.dataset.limit)) return refuse(form.dataset.tooLarge);
    problem.hidden = true;
    bar.hidden = false;
    button.disabled = true;
    const request = new XMLHttpRequest();
    request.open("POST", location.pathname);
    request.setRequestHeader("Accept", "application/json, text/html");
    request.upload.addEventListener("progress", (at) => {
      if (at.lengthComputable) bar.value = (100 * at.loaded) / at.total;
    });
    request.addEventListener("load", () => {
      if (request.status < 300 || request.status === 404) location.reload();
      else refuse(reasonIn(request.responseText));
    });
    request.addEventListener("error", () => refuse(form.dataset.brokeOff));
    request.send(new FormData(form));
  });
})();
