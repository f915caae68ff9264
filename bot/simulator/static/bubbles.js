// Messages as bubbles: one or an album, with quote, files, words, keyboard and reactions.

import { isPicture, isService, pictures, serviceLine, summary, thing } from "./contents.js";
import { formatted } from "./entities.js";
import { icon, make, startCommand, startPayload, timeOf, words } from "./dom.js";
import { author, isMine, room } from "./room.js";

const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}\uFE0F]*(?:\u200D\p{Extended_Pictographic}\uFE0F?)*\s?){1,3}$/u;

function origin(message) {
  const from = message.forward_origin;
  if (!from) return null;
  const name = from.sender_user?.first_name ?? from.sender_user_name ?? from.chat?.title ?? "";
  return make("div", { className: "forward" }, icon("forward"), `${words.forwarded} ${name}`);
}

function quote(message, act) {
  const replied = message.reply_to_message;
  if (!replied) return null;
  const button = make(
    "button", { type: "button", className: "quote" }, make("strong", {}, author(replied)), make("span", {}, summary(replied)),
  );
  button.addEventListener("click", () => act.show(replied.message_id));
  return button;
}

function meta(message, facts) {
  const place = make("span", { className: "meta" });
  if (message.silent) place.append(make("span", { className: "hush" }, icon("mute"), words.silent));
  if (message.edit_count && message.edit_date) place.append(make("span", {}, words.edited));
  place.append(make("time", {}, timeOf(message.date)));
  if (isMine(message)) {
    const tick = icon(facts.collected ? "checks" : "check");
    place.append(make("span", { className: "tick", title: facts.collected ? words.collected : words.sent }, tick, make("span", { className: "unseen" }, facts.collected ? words.collected : words.sent)));
  }
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

/** For the mouse; by keyboard the focused message opens the same menu. */
function action(name, label, run) {
  const facts = { type: "button", className: "round act", "aria-label": label, title: label, tabIndex: -1 };
  const button = make("button", facts, icon(name));
  button.addEventListener("click", (event) => run(event.currentTarget));
  return button;
}

/** The bot's own, then those of people; one's own is a button that takes it back. */
function reactions(album, act) {
  const shown = [];
  for (const { message_id: id } of album) {
    for (const one of room.chat.reactions[id] ?? []) shown.push(make("span", {}, one.emoji ?? "★"));
    for (const [user, emoji] of room.chat.reacted[id] ?? []) shown.push(reaction(id, user, emoji, act));
  }
  return shown.length ? make("div", { className: "reactions" }, ...shown) : null;
}

function reaction(id, user, emoji, act) {
  const mine = user === (room.chat.group ? room.speaker : room.chat.user.id);
  if (!mine) {
    const person = room.chat.members.find((member) => member.id === user)?.first_name ?? words.unknown;
    return make("span", { title: `${words.reacted.replace("{person}", person)} ${emoji}` }, emoji);
  }
  const button = make("button", { type: "button", className: "mine", "aria-label": `${words.takeBack} ${emoji}`, title: words.takeBack }, emoji);
  button.addEventListener("click", () => act.react(id, ""));
  return button;
}

function textOf(album, act) {
  const parts = album.filter((part) => part.text ?? part.caption);
  return parts.flatMap((part, n) => [
    formatted(part.text ?? part.caption, part.entities ?? part.caption_entities, act.command), n < parts.length - 1 ? make("br") : null,
  ]);
}

/** A list item for one message or for the parts of an album. */
export function bubble(album, facts, act) {
  const first = album[0];
  const last = album[album.length - 1];
  if (isService(first)) return make("li", { className: "day", id: `m${first.message_id}` }, serviceLine(first));
  const mine = isMine(first);
  const names = room.chat.group && !mine && facts.turn;
  const big = album.length === 1 && first.text && ONLY_EMOJI.test(first.text);
  const body = make(
    "div", { className: `bubble${big || first.sticker ? " bare" : ""}` },
    make("span", { className: "unseen" }, `${author(first)}: `),
    names ? make("div", { className: "name", "aria-hidden": "true" }, author(first)) : null,
    origin(first), quote(first, act), pictures(album), ...album.filter((part) => !isPicture(part)).map(thing),
    ...textOf(album, act), meta(last, facts), reactions(album, act),
  );
  const keys = keyboard(last, act);
  const side = mine ? "out" : "in";
  return make(
    "li", { className: `message ${side}${facts.turn ? " turn" : ""}${keys ? " keyed" : ""}`, id: `m${first.message_id}`, tabIndex: -1 },
    make("div", { className: "stack" }, body, keys),
    make("div", { className: "acts menu-holder" }, action("reply", words.reply, () => act.reply(first)), action("more", words.actions, (button) => act.menu(album, button))),
  );
}
