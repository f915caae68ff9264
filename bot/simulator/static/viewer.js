// The pictures of the chat, one at a time.

import { $, words } from "./dom.js";
import { room } from "./room.js";

const dialog = $("viewer");
let shown = [];
let at = 0;

const source = (message) => `/sim/files/${encodeURIComponent(message.photo[message.photo.length - 1].file_unique_id)}`;

function show(place) {
  at = Math.max(0, Math.min(place, shown.length - 1));
  const message = shown[at];
  $("viewer-image").src = source(message);
  $("viewer-image").alt = message.caption ?? words.photo;
  $("viewer-caption").textContent = message.caption ?? "";
  $("viewer-place").textContent = `${at + 1} / ${shown.length}`;
  $("viewer-download").href = `${source(message)}?download`;
  $("viewer-previous").disabled = at === 0;
  $("viewer-next").disabled = at === shown.length - 1;
}

export function viewPicture(messageId) {
  shown = [...room.chat.messages.values()].filter((message) => message.photo && !message.deleted);
  show(shown.findIndex((message) => message.message_id === messageId));
  dialog.showModal();
  $("viewer-close").focus();
}

$("viewer-previous").addEventListener("click", () => show(at - 1));
$("viewer-next").addEventListener("click", () => show(at + 1));
$("viewer-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
dialog.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) show(at + step);
});
