// The phone: one chat at a time, opened, read and wired to everything around it.

import { $, ask, make, startCommand, words } from "./dom.js";
import { attachments } from "./attach.js";
import { Composer } from "./composer.js";
import { command, emptyChat, openGate, press, sendDraft, shareNumber, speak, tap, toggleBlock } from "./deeds.js";
import { emojiPanel } from "./emoji.js";
import { hideFrame, showAction, showFrame, showTitle, takePress } from "./frame.js";
import { live } from "./live.js";
import { gestures, messageMenu, react } from "./messagemenu.js";
import { closeMenus, menu, question } from "./overlays.js";
import { drawer, peopleList, showPeople } from "./people.js";
import { recorder, stopRecording } from "./recorder.js";
import { nameOf, path, quietly, room } from "./room.js";
import { chatSearch, closeSearch } from "./search.js";
import { soundSwitch } from "./sounds.js";
import { PAGE, reach, show, takeActs, toNewest } from "./timeline.js";

const composer = new Composer(sendDraft);
const asked = () => Number(new URLSearchParams(location.search).get("persona")) || null;
// A link of the bot opened in a browser (/?start=…): whoever is chosen next follows it.
let invitation = new URLSearchParams(location.search).get("start");

function go(id) {
  history.pushState({}, "", id ? `/?persona=${id}` : "/");
  quietly(open(id));
}

/** Fetch a chat: the newest page, or all that the page already shows. */
async function fetched(id) {
  const known = room.chat?.user.id === id ? room.chat.messages.keys().next().value : undefined;
  const facts = await ask(`/sim/chats/${id}?${known ? `after=${known - 1}` : `last=${PAGE}`}`);
  const messages = new Map(facts.messages.map((message) => [message.message_id, message]));
  const earlier = known ? room.chat.earlier : facts.earlier;
  return { ...facts, messages, earlier, waiting: new Set(facts.uncollected) };
}

async function open(id = room.chat?.user.id ?? asked()) {
  drawer(false);
  if (!id) {
    room.chat = null;
    $("phone").dataset.view = "list";
    hideFrame();
    showPeople();
    return;
  }
  let chat = await fetched(id);
  const same = room.chat?.user.id === id;
  if (!same) await leave();
  // what was told while the answer was under way is not in it, and had no chat to go to
  while (chat.version < (room.heard.get(id) ?? 0)) chat = await fetched(id);
  if (!chat.members.some((person) => person.id === room.speaker)) room.speaker = chat.members[0]?.id ?? null;
  room.chat = chat;
  $("phone").dataset.view = "chat";
  $("nobody").hidden = true;
  $("chat-bar").hidden = false;
  showTitle();
  showFrame();
  composer.open(id);
  showAction(chat.chat_action);
  show();
  if (!same) toNewest();
  showPeople();
  markRead();
  if (invitation !== null) await followInvitation();
}

async function leave() {
  await stopRecording();
  closeSearch();
  closeMenus();
}

async function followInvitation() {
  const payload = invitation;
  invitation = null;
  $("hint").textContent = words.hint;
  const text = words.follow.replace("{person}", nameOf(room.chat.user));
  if (await question(text, words.open)) await speak({ text: startCommand(payload) });
}

function markRead() {
  if (room.chat && document.visibilityState === "visible") quietly(ask(path("/read"), "POST"));
}

function commandItem({ command: name, description }) {
  const item = make("button", { type: "button", role: "menuitem" }, make("strong", {}, `/${name}`), make("span", {}, description));
  item.addEventListener("click", () => { closeMenus(); command(`/${name}`); });
  return item;
}

/** An item of the menu in the bar. */
function choice(id, run) {
  $(id).addEventListener("click", () => { closeMenus(); quietly(run()); });
}

const openMenu = messageMenu(composer);
takeActs({ command, tap, react, menu: openMenu, reply: (message) => composer.reply(message), show: (id) => quietly(reach(id)) });
takePress(press);
gestures($("log"), openMenu, composer);
peopleList(go);
attachments();
recorder();
emojiPanel();
chatSearch();
soundSwitch();
menu("more", "more-menu");
menu("commands", "commands-menu", () => room.chat.commands.map(commandItem));
choice("share-number", shareNumber);
choice("block", toggleBlock);
choice("clear", emptyChat);
$("own-window").addEventListener("click", closeMenus);
$("gate-button").addEventListener("click", () => quietly(openGate()));
$("pinned").addEventListener("click", () => quietly(reach(room.chat.pinned[room.chat.pinned.length - 1])));
$("speaker").addEventListener("change", () => { room.speaker = Number($("speaker").value); show(); });
document.addEventListener("visibilitychange", markRead);
window.addEventListener("popstate", () => quietly(open(asked())));
if (invitation !== null) $("hint").textContent = words.invitation;
live({ open, markRead, composer });
