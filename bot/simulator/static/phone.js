// The phone: one person at a time, live by server-sent events.

import { $, ask, dayOf, make, startCommand, toast, words } from "./dom.js";
import { bubble, summary } from "./bubbles.js";
import { Composer } from "./composer.js";
import { nameOf, showPeople } from "./people.js";
import { closeMenus, menu, question } from "./overlays.js";

const NEAR = 90;
const ACTION_SECONDS = 5;
const phone = $("phone");
const log = $("log");
const scroller = $("messages");
let people = [];
let chat = null; // the open chat, as GET /sim/chats/{id} tells it
let keysHidden = false;
let missed = 0;
let actionTimer;
const waitingTaps = new Map(); // callback id → what to do once it is answered
const earlyAnswers = new Map(); // a quick bot answers before the tap itself has returned

// A link of the bot opened in a browser (/?start=…): whoever is chosen next follows it.
let invitation = new URLSearchParams(location.search).get("start");

const path = (deed = "") => `/sim/chats/${chat.user.id}${deed}`;
const asked = () => Number(new URLSearchParams(location.search).get("persona")) || null;

async function act(deed, body = {}) {
  try {
    return await ask(path(deed), "POST", body);
  } catch (error) {
    toast(error.message || words.failed);
    throw error;
  }
}
const quietly = (promise) => promise.catch(() => {});

/* ---- the list of people ---- */

async function refreshPeople() {
  people = await ask("/sim/people");
  showPeople(people, chat?.user.id, (id) => go(id));
}
let peopleTimer;
function refreshPeopleSoon() {
  peopleTimer ??= setTimeout(() => { peopleTimer = undefined; quietly(refreshPeople()); }, 120);
}

function go(id) {
  history.pushState({}, "", id ? `/?persona=${id}` : "/");
  quietly(open(id));
}

/* ---- opening a chat ---- */

async function open(id) {
  if (!id) {
    chat = null;
    phone.dataset.view = "list";
    $("nobody").hidden = false;
    for (const part of ["chat-bar", "about", "messages", "compose", "gate", "pinned", "newest"]) $(part).hidden = true;
    showPeople(people, null, go);
    return;
  }
  const facts = await ask(`/sim/chats/${id}`);
  const same = chat?.user.id === id;
  chat = facts;
  chat.messages = new Map(facts.messages.map((message) => [message.message_id, message]));
  phone.dataset.view = "chat";
  $("nobody").hidden = true;
  $("chat-bar").hidden = false;
  scroller.hidden = false;
  $("as-whom").textContent = `${nameOf(chat.user)}${chat.user.note ? ` · ${chat.user.note}` : ""}`;
  document.title = `${nameOf(chat.user)} – ${words.bot}`;
  composer.open(id);
  showAction(chat.chat_action);
  if (!same) log.replaceChildren();
  show();
  if (!same) toNewest("instant");
  showPeople(people, id, go);
  markRead();
  if (invitation !== null) await followInvitation();
}

async function followInvitation() {
  const payload = invitation;
  invitation = null;
  $("hint").textContent = words.hint;
  if (await question(words.follow.replace("{person}", nameOf(chat.user)), words.open)) await say({ text: startCommand(payload) });
}

function markRead() {
  if (chat && document.visibilityState === "visible") quietly(ask(path("/read"), "POST"));
}

/* ---- drawing ---- */

function albums() {
  const groups = [];
  for (const message of chat.messages.values()) {
    if (message.deleted) continue;
    const last = groups[groups.length - 1];
    if (message.media_group_id && last?.[0].media_group_id === message.media_group_id) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

function show() {
  const close = atNewest();
  const groups = albums();
  const lastBot = Math.max(0, ...[...chat.messages.values()].filter((message) => message.from_bot).map((m) => m.message_id));
  const old = new Map([...log.children].map((item) => [item.dataset.key, item]));
  const items = [];
  let day = "";
  let side = null;
  for (const group of groups) {
    const today = dayOf(group[0].date);
    if (today !== day) items.push(keep(old, `day ${today}`, () => make("li", { className: "day" }, today)));
    day = today;
    const facts = { reactions: chat.reactions, answered: group[0].message_id < lastBot, turn: side !== group[0].from_bot };
    side = group[0].from_bot;
    const reactions = group.map((part) => chat.reactions[part.message_id]);
    const key = JSON.stringify([group.map((part) => [part.message_id, part.version]), reactions, facts.answered, facts.turn]);
    items.push(keep(old, key, () => bubble(group, facts, acts)));
  }
  log.replaceChildren(...items);
  showFrame();
  if (close) toNewest("instant");
}

function keep(old, key, build) {
  const item = old.get(key) ?? build();
  item.dataset.key = key;
  return item;
}

function showFrame() {
  const gated = chat.blocked || !chat.started;
  $("compose").hidden = gated;
  $("gate").hidden = !gated;
  $("gate-button").textContent = chat.blocked ? words.unblock : words.start;
  $("block").textContent = chat.blocked ? words.unblock : words.block;
  const pinned = chat.messages.get(chat.pinned[chat.pinned.length - 1]);
  $("pinned").hidden = !pinned || pinned.deleted;
  if (pinned) $("pinned-text").textContent = summary(pinned);
  $("about").hidden = chat.started || !chat.description;
  $("about-text").textContent = chat.description;
  scroller.hidden = !$("about").hidden;
  $("commands").parentElement.hidden = !chat.commands.length;
  showKeys();
}

function showKeys() {
  const rows = chat.reply_keyboard?.keyboard ?? [];
  $("keys-toggle").hidden = !rows.length;
  $("keys-toggle").setAttribute("aria-expanded", String(!keysHidden));
  $("keys").hidden = !rows.length || keysHidden;
  $("text").placeholder = chat.reply_keyboard?.input_field_placeholder ?? words.message;
  $("keys").replaceChildren(...rows.map((row) => make("div", { className: "keys-row" }, ...row.map((button) => {
    const key = make("button", { type: "button", className: "key" }, button.text);
    key.addEventListener("click", () => quietly(press(button)));
    return key;
  }))));
}

function showAction(action) {
  clearTimeout(actionTimer);
  const label = action?.startsWith("upload") ? words.uploading : action?.startsWith("record") ? words.recording : words.typing;
  $("status").textContent = action ? label : "";
  if (action) actionTimer = setTimeout(() => showAction(null), ACTION_SECONDS * 1000);
}

/* ---- scrolling ---- */

const atNewest = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;

function toNewest(behavior = "smooth") {
  scroller.scrollTo({ top: scroller.scrollHeight, behavior });
  missed = 0;
  showNewest();
}

function showNewest() {
  $("newest").hidden = !chat || atNewest();
  $("newest-count").textContent = missed ? String(missed) : "";
}

/* ---- what a person does ---- */

const acts = {
  command: (text) => quietly(say({ text })),
  reply: (message) => composer.reply(message),
  edit: (message) => composer.edit(message),
  show(id) {
    const group = albums().find((parts) => parts.some((part) => part.message_id === id));
    const item = group && $(`m${group[0].message_id}`);
    item?.scrollIntoView({ block: "center", behavior: "smooth" });
    item?.classList.add("flash");
    setTimeout(() => item?.classList.remove("flash"), 1200);
  },
  async tap(message, button, key) {
    if (button.copy_text) {
      await navigator.clipboard?.writeText(button.copy_text.text);
      toast(words.copied);
      return;
    }
    key.setAttribute("aria-busy", "true");
    const done = () => key.removeAttribute("aria-busy");
    try {
      const tap = await act("/tap", { message_id: message.message_id, data: button.callback_data });
      waitingTaps.set(tap.callback_query_id, done);
      setTimeout(done, 8000);
      if (earlyAnswers.has(tap.callback_query_id)) answered(tap.callback_query_id, earlyAnswers.get(tap.callback_query_id));
    } catch {
      done();
    }
  },
};

function answered(id, answer) {
  waitingTaps.get(id)();
  waitingTaps.delete(id);
  earlyAnswers.delete(id);
  if (answer.text && answer.show_alert) {
    $("alert-text").textContent = answer.text;
    $("alert").showModal();
  } else if (answer.text) toast(answer.text);
}

async function say(wish) {
  await act("/messages", wish);
  toNewest();
}

async function press(button) {
  if (!button.request_contact) return say({ text: button.text });
  return shareNumber();
}

async function shareNumber() {
  if (!chat.user.phone) return toast(words.phoneMissing);
  const text = words.share.replace("{phone}", chat.user.phone).replace("{bot}", words.bot);
  if (await question(text, words.shareAction)) await say({ share_contact: true });
}

async function sendDraft(draft, asFiles) {
  if (draft.edit) {
    await act(`/messages/${draft.edit.message_id}/edit`, { text: draft.text });
    return;
  }
  if (!draft.files.length) {
    await say({ text: draft.text, reply_to: draft.reply?.message_id });
    return;
  }
  const form = new FormData();
  for (const file of draft.files) form.append("file", file, file.name);
  if (draft.text) form.append("caption", draft.text);
  if (draft.reply) form.append("reply_to", draft.reply.message_id);
  if (asFiles) form.append("kind", "document");
  await say(form);
}

const composer = new Composer(sendDraft);

/* ---- live ---- */

const changes = {
  hello: () => { quietly(refreshPeople()); if (chat ?? asked()) quietly(open(chat?.user.id ?? asked())); },
  resync: () => changes.hello(),
  person: refreshPeopleSoon,
  profile: () => { if (chat) quietly(open(chat.user.id)); },
};
const chatChanges = {
  message({ message }) {
    const far = !atNewest();
    chat.messages.set(message.message_id, message);
    chat.started = true;
    if (message.from_bot) { showAction(null); markRead(); }
    if (far && message.from_bot) missed += 1;
    show();
    showNewest();
  },
  edit({ message }) { chat.messages.set(message.message_id, message); show(); },
  delete({ message }) { chat.messages.set(message.message_id, message); show(); },
  keyboard({ reply_keyboard: keyboard }) { const close = atNewest(); chat.reply_keyboard = keyboard; keysHidden = false; showKeys(); if (close) toNewest("instant"); },
  force_reply({ message_id: id }) { composer.reply(chat.messages.get(id)); },
  reaction({ message_id: id, reactions }) { chat.reactions[id] = reactions; show(); },
  action({ chat_action: action }) { showAction(action); },
  blocked({ blocked }) { chat.blocked = blocked; showFrame(); },
  pin({ pinned }) { chat.pinned = pinned; showFrame(); },
  clear() { quietly(open(chat.user.id)); },
  callback({ callback_query_id: id, answer }) {
    if (waitingTaps.has(id)) answered(id, answer);
    else earlyAnswers.set(id, answer);
  },
};

function live() {
  const source = new EventSource("/sim/events");
  source.addEventListener("open", () => { if ($("toast").textContent === words.offline) $("toast").hidden = true; });
  source.addEventListener("error", () => {
    toast(words.offline, 60000);
    if (source.readyState === EventSource.CLOSED) setTimeout(live, 1000);
  });
  source.addEventListener("message", (event) => {
    const change = JSON.parse(event.data);
    changes[change.kind]?.(change);
    if (change.user_id && people.some((person) => person.id === change.user_id)) refreshPeopleSoon();
    if (chat && change.user_id === chat.user.id && change.version > chat.version) {
      chat.version = change.version;
      chatChanges[change.kind]?.(change);
    }
  });
}

/* ---- wiring ---- */

$("back").addEventListener("click", () => go(null));
$("newest").addEventListener("click", () => toNewest());
$("pinned").addEventListener("click", () => acts.show(chat.pinned[chat.pinned.length - 1]));
$("keys-toggle").addEventListener("click", () => { keysHidden = !keysHidden; showKeys(); });
$("gate-button").addEventListener("click", () => quietly(chat.blocked ? act("/unblock") : say({ text: "/start" })));
$("share-number").addEventListener("click", () => { closeMenus(); quietly(shareNumber()); });
$("block").addEventListener("click", () => { closeMenus(); quietly(act(chat.blocked ? "/unblock" : "/block")); });
$("clear").addEventListener("click", async () => {
  closeMenus();
  if (await question(words.clear, words.clearAction)) quietly(act("/clear"));
});
$("add-person").addEventListener("click", () => $("person").showModal());
$("person-cancel").addEventListener("click", () => $("person").close());
$("person-form").addEventListener("submit", async () => {
  const wish = Object.fromEntries(new FormData($("person-form")));
  $("person-form").reset();
  const person = await ask("/sim/people", "POST", wish);
  await refreshPeople();
  go(person.id);
});
menu("more", "more-menu");
menu("commands", "commands-menu", () => chat.commands.map(({ command, description }) => {
  const item = make("button", { type: "button", role: "menuitem" }, make("strong", {}, `/${command}`), make("span", {}, description));
  item.addEventListener("click", () => { closeMenus(); quietly(say({ text: `/${command}` })); });
  return item;
}));
scroller.addEventListener("scroll", () => { if (atNewest()) missed = 0; showNewest(); }, { passive: true });
// A picture that loads late or a composer that grows must not push the newest message out of sight.
const stay = () => { if (chat && !missed && $("newest").hidden) toNewest("instant"); };
log.addEventListener("load", stay, true);
new ResizeObserver(stay).observe(scroller);
document.addEventListener("visibilitychange", markRead);
window.addEventListener("popstate", () => quietly(open(asked())));
if (invitation !== null) $("hint").textContent = words.invitation;
live();
