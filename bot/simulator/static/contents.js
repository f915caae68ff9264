// What a message carries besides words: pictures, players, files, cards.

import { icon, lengthOf, make, sizeOf, words } from "./dom.js";
import { viewPicture } from "./viewer.js";

const KINDS = {
  photo: words.photo, video: words.video, voice: words.voice, audio: words.audio, animation: words.animation,
  document: words.document, sticker: words.sticker, video_note: words.videoNote, contact: words.contact,
  location: words.location, venue: words.location, poll: words.poll, dice: words.dice,
};

const kindOf = (message) => Object.keys(KINDS).find((kind) => message[kind]);
export const isPicture = (message) => Boolean(message.photo || message.video || message.animation || message.video_note);
export const isService = (message) => Boolean(message.group_chat_created);
export const fileUrl = (file) => `/sim/files/${encodeURIComponent(file.file_unique_id)}`;
const largest = (photo) => photo[photo.length - 1];

/** A message in one line, for the list of people and for quotes. */
export function summary(message) {
  if (message.text) return message.text;
  if (isService(message)) return serviceLine(message);
  const label = KINDS[kindOf(message)] ?? words.unknown;
  const more = message.caption ?? message.document?.file_name ?? message.sticker?.emoji;
  return more ? `${label}: ${more}` : label;
}

export const serviceLine = (message) => words.madeGroup.replace("{person}", message.from?.first_name ?? "");

function picture(message) {
  if (message.photo) {
    const file = largest(message.photo);
    const image = make("img", { src: fileUrl(file), alt: message.caption ?? words.photo, loading: "lazy", width: file.width, height: file.height });
    const label = `${words.see}: ${message.caption ?? words.photo}`;
    const button = make("button", { type: "button", className: "photo", "aria-label": label, "data-message": message.message_id }, image);
    button.addEventListener("click", () => viewPicture(message.message_id));
    return button;
  }
  const file = message.video ?? message.animation ?? message.video_note;
  return make("video", { src: fileUrl(file), controls: true, preload: "metadata", "aria-label": KINDS[kindOf(message)] });
}

export function pictures(album) {
  const shown = album.filter(isPicture);
  if (!shown.length) return null;
  const many = shown.length > 1 ? " many" : "";
  const round = shown[0].video_note ? " round-video" : "";
  return make("div", { className: `pictures${many}${round}` }, ...shown.map(picture));
}

/** A file to save; one a browser can read by itself is opened beside. */
function documentLink(file) {
  const name = file.file_name ?? words.document;
  const facts = make("span", {}, make("strong", {}, name), make("small", {}, sizeOf(file.file_size ?? 0)));
  const save = { href: `${fileUrl(file)}?download`, download: name, "aria-label": `${words.download}: ${name}`, title: words.download };
  if (file.mime_type !== "application/pdf") {
    return make("a", { ...save, className: "document" }, make("span", { className: "badge-icon" }, icon("file")), facts);
  }
  const open = { href: fileUrl(file), target: "_blank", className: "document", "aria-label": `${words.open}: ${name}` };
  return make(
    "div", { className: "readable" },
    make("a", open, make("span", { className: "badge-icon" }, icon("file")), facts),
    make("a", { ...save, className: "round" }, icon("save")),
  );
}

function player(message) {
  const file = message.voice ?? message.audio;
  const sound = make("audio", { src: fileUrl(file), controls: true, preload: "none", "aria-label": KINDS[kindOf(message)] });
  const title = [file.title ?? file.file_name, file.duration ? lengthOf(file.duration) : ""].filter(Boolean).join(" · ");
  return make("div", { className: "player" }, title ? make("small", {}, title) : null, sound);
}

function card(drawing, title, ...small) {
  return make("div", { className: "card" }, make("span", { className: "badge-icon" }, icon(drawing)), make("span", {}, make("strong", {}, title), ...small));
}

function contactCard({ first_name: first, last_name: last, phone_number: phone }) {
  const number = `+${phone.replace(/^\+/, "")}`;
  return card("person", [first, last].filter(Boolean).join(" "), make("a", { href: `tel:${number}` }, number));
}

function placeCard({ latitude, longitude }, title = words.location) {
  const href = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  const link = make("a", { href, target: "_blank", rel: "noopener noreferrer" }, words.openMap);
  return card("place", title, make("small", {}, `${latitude}, ${longitude}`), link);
}

function sticker(file) {
  const label = file.emoji ? `${words.sticker} ${file.emoji}` : words.sticker;
  if (!file.mime_type?.startsWith("image/")) return make("div", { className: "sticker", role: "img", "aria-label": label }, file.emoji ?? "🙂");
  return make("img", { className: "sticker", src: fileUrl(file), alt: label, loading: "lazy" });
}

const THINGS = {
  voice: player, audio: player,
  animation: () => null, // a picture
  document: (message) => documentLink(message.document),
  contact: (message) => contactCard(message.contact),
  venue: (message) => placeCard(message.venue.location, message.venue.title),
  location: (message) => placeCard(message.location),
  poll: (message) => card("people", message.poll.question ?? words.poll, make("small", {}, words.poll)),
  dice: (message) => make("div", { className: "sticker" }, message.dice.emoji ?? "🎲"),
  sticker: (message) => sticker(message.sticker),
};

/** Everything that is neither words nor a picture. */
export function thing(message) {
  const kind = Object.keys(THINGS).find((name) => message[name]);
  if (kind) return THINGS[kind](message);
  return message.text ? null : make("em", {}, words.unknown);
}
