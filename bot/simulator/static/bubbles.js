// Messages as bubbles: one or an album, with files, quote, keyboard, reactions.

import { formatted } from "./entities.js";
import { icon, make, sizeOf, startCommand, startPayload, timeOf, words } from "./dom.js";

const KINDS = {
  photo: words.photo, video: words.video, voice: words.voice, audio: words.audio, animation: words.animation,
  document: words.document, sticker: words.sticker, video_note: words.videoNote, contact: words.contact,
  location: words.location, venue: words.location, poll: words.poll, dice: words.dice,
};

export const kindOf = (message) => Object.keys(KINDS).find((kind) => message[kind]);

/** A message in one line, for the list of people and for quotes. */
export function summary(message) {
  if (message.text) return message.text;
  const label = KINDS[kindOf(message)] ?? words.unknown;
  const more = message.caption ?? message.document?.file_name;
  return more ? `${label}: ${more}` : label;
}

const fileUrl = (file) => `/sim/files/${encodeURIComponent(file.file_unique_id)}`;

function picture(message) {
  if (message.photo) {
    const largest = message.photo[message.photo.length - 1];
    const image = make("img", { src: fileUrl(largest), alt: message.caption ?? words.photo, loading: "lazy" });
    return make("a", { href: fileUrl(largest), target: "_blank" }, image);
  }
  const file = message.video ?? message.animation ?? message.video_note;
  return make("video", { src: fileUrl(file), controls: true, preload: "metadata", "aria-label": KINDS[kindOf(message)] });
}

function documentLink(file) {
  const name = file.file_name ?? words.document;
  return make(
    "a", { className: "document", href: `${fileUrl(file)}?download`, download: name, "aria-label": `${words.download}: ${name}` },
    make("span", { className: "badge-icon" }, icon("file")),
    make("span", {}, make("strong", {}, name), make("small", {}, sizeOf(file.file_size ?? 0))),
  );
}

function card(title, small) {
  return make("div", { className: "card" }, make("strong", {}, title), make("small", {}, small));
}

/** Everything that is neither words nor a picture. */
function thing(message) {
  if (message.voice || message.audio) {
    const file = message.voice ?? message.audio;
    const player = make("audio", { src: fileUrl(file), controls: true, preload: "none", "aria-label": KINDS[kindOf(message)] });
    return file.file_name ? make("div", {}, make("strong", {}, file.file_name), player) : player;
  }
  if (message.document && !message.animation) return documentLink(message.document);
  if (message.contact) {
    const { first_name: first, last_name: last, phone_number: phone } = message.contact;
    return card([first, last].filter(Boolean).join(" "), `+${phone.replace(/^\+/, "")}`);
  }
  if (message.location) return card(words.location, `${message.location.latitude}, ${message.location.longitude}`);
  if (message.poll) return card(words.poll, message.poll.question ?? "");
  if (message.dice) return make("div", { className: "sticker" }, message.dice.emoji ?? "🎲");
  if (message.sticker) return make("div", { className: "sticker" }, message.sticker.emoji ?? "🙂");
  return message.text ? null : make("em", {}, words.unknown);
}

const isPicture = (message) => message.photo || message.video || message.animation || message.video_note;

function origin(message) {
  const from = message.forward_origin;
  if (!from) return null;
  const name = from.sender_user?.first_name ?? from.sender_user_name ?? from.chat?.title ?? "";
  return make("div", { className: "forward" }, `${words.forwarded} ${name}`);
}

function quote(message, act) {
  const replied = message.reply_to_message;
  if (!replied) return null;
  const button = make(
    "button", { type: "button", className: "quote" },
    make("strong", {}, replied.from?.is_bot ? words.bot : words.you), make("span", {}, summary(replied)),
  );
  button.addEventListener("click", () => act.show(replied.message_id));
  return button;
}

function meta(message, facts) {
  const place = make("span", { className: "meta" });
  if (message.edit_count && message.edit_date) place.append(make("span", {}, words.edited));
  place.append(make("time", {}, timeOf(message.date)));
  if (!message.from_bot) place.append(icon(facts.answered ? "checks" : "check"));
  return place;
}

function inlineKey(button, message, act) {
  const payload = button.url ? startPayload(button.url) : null;
  if (payload !== null) {
    const key = make("button", { type: "button", className: "key" }, button.text);
    key.addEventListener("click", () => act.command(startCommand(payload)));
    return key;
  }
  if (button.url) {
    return make("a", { className: "key", href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.text, icon("link"));
  }
  const key = make("button", { type: "button", className: "key" }, button.text);
  key.addEventListener("click", () => act.tap(message, button, key));
  return key;
}

function keyboard(message, act) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return make(
    "div", { className: "inline", role: "group" },
    ...rows.map((row) => make("div", { className: "inline-row" }, ...row.map((button) => inlineKey(button, message, act)))),
  );
}

function action(name, label, run) {
  const button = make("button", { type: "button", className: `round act ${name}`, "aria-label": label, title: label }, icon(name));
  button.addEventListener("click", run);
  return button;
}

function pictures(album) {
  const shown = album.filter(isPicture);
  if (!shown.length) return null;
  const many = shown.length > 1 ? " many" : "";
  const round = shown[0].video_note ? " round-video" : "";
  return make("div", { className: `pictures${many}${round}` }, ...shown.map(picture));
}

/** A list item for one message or for the parts of an album. */
export function bubble(album, facts, act) {
  const first = album[0];
  const last = album[album.length - 1];
  const captions = album.filter((part) => part.text ?? part.caption);
  const body = make("div", { className: "bubble" });
  const things = album.filter((part) => !isPicture(part)).map(thing).filter(Boolean);
  body.append(...[origin(first), quote(first, act), pictures(album), ...things].filter(Boolean));
  for (const part of captions) {
    body.append(formatted(part.text ?? part.caption, part.entities ?? part.caption_entities, act.command));
    if (part !== captions[captions.length - 1]) body.append(make("br"));
  }
  body.append(meta(last, facts));
  const reactions = album.flatMap((part) => facts.reactions[part.message_id] ?? []);
  if (reactions.length) body.append(make("div", { className: "reactions" }, ...reactions.map((one) => make("span", {}, one.emoji ?? "★"))));
  const keys = keyboard(last, act);
  const side = first.from_bot ? "in" : "out";
  const item = make(
    "li", { className: `message ${side}${facts.turn ? " turn" : ""}${keys ? " keyed" : ""}`, id: `m${first.message_id}` },
    make("div", { className: "stack" }, body, keys), action("reply", words.reply, () => act.reply(first)),
  );
  if (!first.from_bot && first.text) item.append(action("edit", words.edit, () => act.edit(first)));
  return item;
}
