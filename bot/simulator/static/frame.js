// Around the messages: title, what the bot is doing, pinned message, description, the bot's keyboard, the gate.

import { $, make, words } from "./dom.js";
import { summary } from "./contents.js";
import { nameOf, quietly, room } from "./room.js";

const ACTION_SECONDS = 5; // so long it lasts in Telegram
const GATED = ["compose", "gate"];
let hiddenKeys = false;
let timer;
let press = () => {};

export const takePress = (given) => { press = given; };

export function showTitle() {
  const { user, group, members } = room.chat;
  $("chat-title").textContent = group ? group.title : words.bot;
  $("chat-avatar").textContent = $("chat-title").textContent.slice(0, 1);
  $("as-whom").textContent = group ? members.map(nameOf).join(", ") : [nameOf(user), user.note].filter(Boolean).join(" · ");
  document.title = `${nameOf(room.chat.group ? { group } : user)} – ${words.bot}`;
  $("own-window").href = `/?persona=${user.id}`;
  $("share-number").hidden = Boolean(group);
  $("speaker-line").hidden = !group;
  $("speaker").replaceChildren(...members.map((person) => make("option", { value: person.id, selected: person.id === room.speaker }, nameOf(person))));
}

export function showFrame() {
  const { chat } = room;
  const gated = !chat.group && (chat.blocked || !chat.started);
  const gate = gated || (chat.group && chat.blocked);
  $("compose").hidden = gated;
  $("gate").hidden = !gate;
  $("gate-text").textContent = chat.group ? words.botGone.replace("{bot}", words.bot) : "";
  $("gate-button").textContent = chat.group ? words.inviteBot : chat.blocked ? words.unblock : words.start;
  const [out, back] = chat.group ? [words.removeBot, words.inviteBot] : [words.block, words.unblock];
  $("block-text").textContent = chat.blocked ? back : out;
  const pinned = chat.messages.get(chat.pinned[chat.pinned.length - 1]);
  $("pinned").hidden = !pinned || pinned.deleted;
  if (pinned) $("pinned-text").textContent = summary(pinned);
  $("about").hidden = chat.started || !chat.description;
  $("about-text").textContent = chat.description;
  $("messages").hidden = !$("about").hidden;
  $("commands").parentElement.hidden = !chat.commands.length;
  showKeys();
}

export function hideFrame() {
  for (const part of ["chat-bar", "about", "messages", "pinned", "newest", ...GATED]) $(part).hidden = true;
  $("nobody").hidden = false;
}

export function showKeys() {
  const { reply_keyboard: keyboard } = room.chat;
  const rows = keyboard?.keyboard ?? [];
  $("keys-toggle").hidden = !rows.length;
  $("keys-toggle").setAttribute("aria-expanded", String(!hiddenKeys));
  $("keys").hidden = !rows.length || hiddenKeys;
  $("text").placeholder = keyboard?.input_field_placeholder ?? words.message;
  $("keys").replaceChildren(...rows.map((row) => make("div", { className: "keys-row" }, ...row.map((button) => {
    const key = make("button", { type: "button", className: "key" }, button.text);
    key.addEventListener("click", () => quietly(press(button)));
    return key;
  }))));
}

export function unfoldKeys() {
  hiddenKeys = false;
  showKeys();
}

const DOING = { upload: words.uploading, record: words.recordingIt };

export function showAction(action) {
  clearTimeout(timer);
  $("status").textContent = action ? DOING[action.split("_")[0]] ?? words.typing : "";
  if (action) timer = setTimeout(() => showAction(null), ACTION_SECONDS * 1000);
}

$("keys-toggle").addEventListener("click", () => { hiddenKeys = !hiddenKeys; showKeys(); });
