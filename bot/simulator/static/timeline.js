// The messages of the open chat: drawn in pages, kept in place, walked through by keyboard.

import { bubble } from "./bubbles.js";
import { $, ask, dayOf, make } from "./dom.js";
import { isMine, path, room } from "./room.js";

export const PAGE = 60;
const NEAR = 90; // px
const LEAD = 20; // messages shown before the one looked for
const FLASH_MILLISECONDS = 1400;
const log = $("log");
const scroller = $("messages");
let acts = {};
let missed = 0;
let loading = null;

export const takeActs = (given) => { acts = given; };

/* ---- drawing ---- */

export function albums() {
  const groups = [];
  for (const message of room.chat.messages.values()) {
    if (message.deleted) continue;
    const last = groups[groups.length - 1];
    if (message.media_group_id && last?.[0].media_group_id === message.media_group_id) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

export const albumOf = (id) => albums().find((parts) => parts.some((part) => part.message_id === id));

function itemsFor(groups) {
  const old = new Map([...log.children].map((item) => [item.dataset.key, item]));
  const keep = (key, build) => {
    const item = old.get(key) ?? build();
    item.dataset.key = key;
    return item;
  };
  const items = [];
  let day = "";
  let side = null;
  for (const group of groups) {
    const today = dayOf(group[0].date);
    if (today !== day) items.push(keep(`day ${today}`, () => make("li", { className: "day" }, today)));
    const facts = { collected: !room.chat.group && !group.some((part) => room.chat.waiting.has(part.message_id)), turn: side !== group[0].from?.id || today !== day };
    day = today;
    side = group[0].from?.id;
    const marks = group.map(({ message_id: id, version }) => [id, version, room.chat.reactions[id], room.chat.reacted[id]]);
    items.push(keep(JSON.stringify([marks, facts, isMine(group[0])]), () => bubble(group, facts, acts)));
  }
  return items;
}

/** Only what is new or changed is touched: what stays keeps its focus, its player and its open spoilers. */
function arrange(items) {
  const wanted = new Set(items);
  const held = document.activeElement?.closest?.("#log > li");
  const place = held && [...held.querySelectorAll("button, a")].indexOf(document.activeElement);
  for (const item of [...log.children]) if (!wanted.has(item)) item.remove();
  let at = log.firstChild;
  for (const item of items) {
    if (item === at) at = at.nextSibling;
    else log.insertBefore(item, at);
  }
  if (!held || held.isConnected) return;
  const heir = $(held.id);
  (heir?.querySelectorAll("button, a")[place] ?? heir)?.focus({ preventScroll: true });
}

export function show() {
  const close = atNewest();
  arrange(itemsFor(albums()));
  $("earlier").hidden = !room.chat.earlier;
  if (close) toNewest();
}

/* ---- pages ---- */

/** Fetch older messages, without moving what is being read. */
function loadEarlier(bound = `last=${PAGE}`) {
  loading ??= older(bound).finally(() => { loading = null; });
  return loading;
}

async function older(bound) {
  const { chat } = room;
  const [oldest] = chat.messages.keys();
  if (!chat.earlier || oldest === undefined) return;
  const facts = await ask(`${path()}?before=${oldest}&${bound}`);
  if (room.chat !== chat) return;
  chat.messages = new Map([...facts.messages.map((message) => [message.message_id, message]), ...chat.messages]);
  chat.earlier = facts.earlier;
  const below = scroller.scrollHeight - scroller.scrollTop;
  show();
  scroller.scrollTop = scroller.scrollHeight - below;
}

/** Bring a message into sight, fetching all that lies between at once. */
export async function reach(id) {
  const { user } = room.chat;
  // A page that is on its way comes first; then everything in one go.
  while (room.chat?.user.id === user.id && room.chat.earlier && !room.chat.messages.has(id)) {
    await loading;
    await loadEarlier(`after=${id - LEAD}`);
  }
  const item = $(`m${albumOf(id)?.[0].message_id}`);
  if (!item) return;
  item.scrollIntoView({ block: "center" });
  item.focus({ preventScroll: true });
  item.classList.add("flash");
  setTimeout(() => item.classList.remove("flash"), FLASH_MILLISECONDS);
}

/* ---- scrolling ---- */

export const atNewest = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;

/** At once: what arrives while a scroll is under way would be left below it. */
export function toNewest() {
  scroller.scrollTo({ top: scroller.scrollHeight, behavior: "instant" });
  missed = 0;
  showNewest();
}

export function countMissed() { missed += 1; }

export function showNewest() {
  $("newest").hidden = !room.chat || atNewest();
  $("newest-count").textContent = missed ? String(missed) : "";
}

/* ---- walking through by keyboard ---- */

function walk(event) {
  if (event.target.closest("button, a, audio, video") || event.altKey || event.ctrlKey || event.metaKey) return;
  const items = [...log.querySelectorAll(".message")];
  const at = items.indexOf(document.activeElement);
  if (event.key === "Enter" && at >= 0) {
    event.preventDefault();
    acts.menu(albumOf(Number(items[at].id.slice(1))), items[at]);
    return;
  }
  const target = { ArrowUp: at < 0 ? items.length - 1 : at - 1, ArrowDown: at < 0 ? items.length - 1 : at + 1, Home: 0, End: items.length - 1 }[event.key];
  if (target === undefined || !items[target]) return;
  event.preventDefault();
  items[target].focus({ preventScroll: true });
  items[target].scrollIntoView({ block: "nearest" });
}

scroller.addEventListener("keydown", walk);
scroller.addEventListener("scroll", () => { if (atNewest()) missed = 0; showNewest(); }, { passive: true });
$("newest").addEventListener("click", toNewest);
$("earlier").addEventListener("click", () => loadEarlier().catch(() => {}));
new IntersectionObserver(([entry]) => { if (entry.isIntersecting && room.chat) loadEarlier().catch(() => {}); }, { root: scroller, rootMargin: "400px" }).observe($("earlier"));
// What gets its height late – a message drawn once it is in sight, a picture – or a composer that grows
// must not push the newest message out of sight.
const stay = () => { if (room.chat && !missed && $("newest").hidden) toNewest(); };
const sizes = new ResizeObserver(stay);
sizes.observe(log);
sizes.observe(scroller);
