// The mailbox: newest first, live; one mail with its parts and attachments.

import { $, ask, briefly, dayOf, icon, make, sizeOf, timeOf, toast, words } from "./dom.js";

const box = $("mailbox");
const parts = ["html", "text", "headers"];
let mails = [];
let chosen = null;
let known = null; // ids seen when the page opened: later ones carry a mark until read

const asked = () => Number(new URLSearchParams(location.search).get("carta")) || null;

function row(mail) {
  const fresh = known && !known.has(mail.id);
  const clip = mail.attachments.length ? icon("clip") : null;
  const button = make(
    "button",
    { type: "button", className: `letter${fresh ? " fresh" : ""}`, "aria-current": mail.id === chosen ? "true" : null },
    make("span", {}, make("strong", {}, mail.subject || words.noSubject), make("time", {}, briefly(mail.at))),
    make("span", {}, make("small", {}, `${words.to}: ${mail.rcpt_to.join(", ")}`), clip),
    make("span", {}, make("small", {}, mail.mail_from)),
  );
  button.addEventListener("click", () => go(mail.id));
  return make("li", {}, button);
}

function show() {
  $("list").replaceChildren(...mails.map(row));
  $("empty").hidden = mails.length > 0;
  $("empty-box").hidden = mails.length === 0;
  const mail = mails.find((one) => one.id === chosen);
  box.dataset.view = mail ? "mail" : "list";
  $("nobody").hidden = Boolean(mail) || mails.length === 0;
  $("mail").hidden = !mail;
}

function attachment(mail, file, n) {
  const href = `/sim/mails/${mail.id}/attachments/${n}`;
  const label = `${words.download}: ${file.name}`;
  return make("li", {}, make("a", { href, download: file.name, "aria-label": label }, icon("file"), file.name, make("small", {}, sizeOf(file.size))));
}

function header(mail, name) {
  return mail.headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

function open(mail) {
  $("subject").textContent = mail.subject || words.noSubject;
  $("from").textContent = header(mail, "from") ?? mail.mail_from;
  $("to").textContent = header(mail, "to") ?? mail.rcpt_to.join(", ");
  $("when").textContent = `${dayOf(mail.at)}, ${timeOf(mail.at)}`;
  $("attachments").replaceChildren(...mail.attachments.map((file, n) => attachment(mail, file, n)));
  $("text").textContent = mail.text;
  if (mail.html) $("frame").src = `/sim/mails/${mail.id}/html`;
  $("headers").replaceChildren(...mail.headers.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  $("tab-html").hidden = !mail.html;
  $("tab-text").hidden = !mail.text && Boolean(mail.html);
  choose(mail.html ? "html" : "text");
}

function choose(part) {
  for (const name of parts) {
    $(`tab-${name}`).setAttribute("aria-selected", String(name === part));
    $(`tab-${name}`).tabIndex = name === part ? 0 : -1;
    $(`part-${name}`).hidden = name !== part;
  }
}

function read(id) {
  chosen = id;
  const mail = mails.find((one) => one.id === id);
  if (mail) { known?.add(id); open(mail); }
  show();
  if (mail) $("subject").focus({ preventScroll: true });
}

function go(id) {
  history.pushState({}, "", id ? `/correo?carta=${id}` : "/correo");
  read(id);
}

async function refresh() {
  mails = (await ask("/sim/mails")).reverse();
  known ??= new Set(mails.map((mail) => mail.id));
  show();
}

for (const name of parts) $(`tab-${name}`).addEventListener("click", () => choose(name));
document.querySelector(".tabs").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const shown = parts.filter((name) => !$(`tab-${name}`).hidden);
  const at = shown.findIndex((name) => $(`tab-${name}`).getAttribute("aria-selected") === "true");
  const next = shown[(at + step + shown.length) % shown.length];
  choose(next);
  $(`tab-${next}`).focus();
});
$("back").addEventListener("click", () => go(null));
$("empty-box").addEventListener("click", () => { $("question").returnValue = ""; $("question").showModal(); });
$("question").addEventListener("close", async () => {
  if ($("question").returnValue !== "yes") return;
  await ask("/sim/mails", "DELETE");
  go(null);
});
window.addEventListener("popstate", () => read(asked()));

const source = new EventSource("/sim/events");
source.addEventListener("open", () => { $("toast").hidden = true; });
source.addEventListener("error", () => toast(words.offline, 60000));
source.addEventListener("message", async (event) => {
  const change = JSON.parse(event.data);
  if (!["hello", "resync", "mail"].includes(change.kind)) return;
  await refresh();
  if (change.kind === "hello") read(chosen ?? asked());
});
