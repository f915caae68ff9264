// What may be done with one message: react, reply, edit, forward, copy, delete; by menu, long press or swipe.

import { $, icon, make, toast, words } from "./dom.js";
import { act, isMine, nameOf, quietly, room, say } from "./room.js";
import { closeMenus, menuBeside, question } from "./overlays.js";
import { albumOf } from "./timeline.js";

const QUICK = ["👍", "❤", "🙏", "👏", "🎉", "😢"];
const PRESS_MILLISECONDS = 480;
const SLOP = 12; // px a finger may tremble
const SWIPE = 56; // px that count as a reply
const list = $("message-menu");

function item(name, label, run) {
  const button = make("button", { type: "button", role: "menuitem" }, icon(name), label);
  button.addEventListener("click", () => { closeMenus(); run(); });
  return button;
}

export const react = (id, emoji) => quietly(act("/react", { message_id: id, emoji }));

function quickReactions(message) {
  const mine = (room.chat.reacted[message.message_id] ?? []).find(([user]) => user === (room.speaker ?? room.chat.user.id))?.[1];
  return make("div", { className: "quick" }, ...QUICK.map((emoji) => {
    const same = emoji === mine;
    const label = `${same ? words.takeBack : words.reactWith} ${emoji}`;
    const button = make("button", { type: "button", role: "menuitemradio", "aria-checked": String(same), "aria-label": label }, emoji);
    button.addEventListener("click", () => { closeMenus(); react(message.message_id, same ? "" : emoji); });
    return button;
  }));
}

async function copy(text) {
  await navigator.clipboard?.writeText(text);
  toast(words.copied);
}

async function remove(album) {
  if (!await question(words.deleteSure, words.deleteAction)) return;
  for (const { message_id: id } of album) await quietly(act(`/messages/${id}`, {}, { method: "DELETE" }));
}

/** The chats of the person who speaks: their own with the bot, and the groups they are in. */
function forward(album) {
  const speaker = room.chat.group ? room.speaker : room.chat.user.id;
  const chats = room.people.filter((person) => person.id === speaker || person.members?.includes(speaker));
  const from = room.chat.user.id;
  $("forward-chats").replaceChildren(...chats.map((chat) => {
    const name = chat.group ? nameOf(chat) : words.bot;
    const button = make("button", { type: "submit", value: "sent", className: "plain" }, icon(chat.group ? "people" : "phone"), name);
    button.addEventListener("click", () => quietly(sendOn(album, from, chat.id, speaker)));
    return button;
  }));
  $("forward").showModal();
}

async function sendOn(album, from, to, speaker) {
  for (const { message_id: id } of album) {
    const wish = { forward: { chat_id: from, message_id: id }, as: speaker };
    if (to === room.chat.user.id) await say(wish);
    else await fetch(`/sim/chats/${to}/messages`, { method: "POST", body: JSON.stringify(wish), headers: { "Content-Type": "application/json" } });
  }
}

/** `composer` takes replies and edits. */
export function messageMenu(composer) {
  return (album, opener) => {
    if (!album) return;
    const [first] = album;
    const words_ = album.find((part) => part.text ?? part.caption);
    menuBeside(list, opener, [
      quickReactions(first),
      item("reply", words.reply, () => composer.reply(first)),
      isMine(first) && words_ && !first.forward_origin ? item("edit", words.edit, () => composer.edit(words_)) : null,
      item("forward", words.forward, () => forward(album)),
      words_ ? item("copy", words.copy, () => quietly(copy(words_.text ?? words_.caption))) : null,
      item("bin", words.delete, () => quietly(remove(album))),
    ].filter(Boolean));
  };
}

/** Long press and right click open the menu; a swipe to the left answers. */
export function gestures(log, openMenu, composer) {
  let touch = null;
  const albumAt = (event) => {
    const item_ = event.target.closest(".message");
    return item_ && { item: item_, album: albumOf(Number(item_.id.slice(1))) };
  };
  const end = () => {
    if (!touch) return;
    clearTimeout(touch.timer);
    touch.item.style.removeProperty("translate");
    touch = null;
  };
  log.addEventListener("contextmenu", (event) => {
    const found = albumAt(event);
    if (!found || event.target.closest("a, img") || !getSelection().isCollapsed) return;
    event.preventDefault();
    openMenu(found.album, found.item);
  });
  log.addEventListener("pointerdown", (event) => {
    const found = albumAt(event);
    if (!found || event.pointerType === "mouse") return;
    const timer = setTimeout(() => { end(); swallowClick(); openMenu(found.album, found.item); }, PRESS_MILLISECONDS);
    touch = { ...found, timer, x: event.clientX, y: event.clientY, dx: 0 };
  });
  log.addEventListener("pointermove", (event) => {
    if (!touch) return;
    touch.dx = event.clientX - touch.x;
    if (Math.hypot(touch.dx, event.clientY - touch.y) < SLOP) return;
    clearTimeout(touch.timer);
    touch.item.style.translate = `${Math.max(-80, Math.min(0, touch.dx))}px`;
  });
  log.addEventListener("pointerup", () => {
    if (touch && touch.dx < -SWIPE) composer.reply(touch.album[0]);
    end();
  });
  log.addEventListener("pointercancel", end);
}

/** The finger that lifts after a long press must not press what lies under it. */
function swallowClick() {
  const swallow = (event) => { event.preventDefault(); event.stopPropagation(); };
  document.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 700);
}
