// What happens while the page is open, by server-sent events; after a break everything is asked for anew.

import { $, words } from "./dom.js";
import { summary } from "./contents.js";
import { refreshPeople, refreshPeopleSoon } from "./people.js";
import { author, isMine, quietly, room } from "./room.js";
import { showAction, showFrame, showKeys, unfoldKeys } from "./frame.js";
import { chime } from "./sounds.js";
import { answered } from "./deeds.js";
import { atNewest, countMissed, show, showNewest, toNewest } from "./timeline.js";

/** `open` opens a chat or refreshes it, `markRead` tells that it was seen. */
export function live({ open, markRead, composer }) {
  const replaced = ({ message }) => {
    if (room.chat.messages.has(message.message_id)) room.chat.messages.set(message.message_id, message);
    show();
    showFrame();
  };
  const whole = () => {
    room.heard.clear(); // perhaps another simulator, which counts anew
    quietly(refreshPeople());
    quietly(open());
  };
  const changes = { hello: whole, resync: whole, person: refreshPeopleSoon, profile: () => quietly(open()) };
  const chatChanges = {
    message: ({ message }) => {
      const far = !atNewest();
      room.chat.messages.set(message.message_id, message);
      room.chat.started = true;
      if (isMine(message) && !room.chat.blocked) room.chat.waiting.add(message.message_id);
      if (message.from_bot) arrived(message, far);
      show();
      showFrame();
      showNewest();
    },
    edit: replaced,
    delete: replaced,
    keyboard: ({ reply_keyboard: keyboard }) => {
      const close = atNewest();
      room.chat.reply_keyboard = keyboard;
      unfoldKeys();
      if (close) toNewest();
    },
    force_reply: ({ message_id: id }) => composer.reply(room.chat.messages.get(id)),
    reaction: ({ message_id: id, reactions }) => { room.chat.reactions[id] = reactions; show(); },
    reacted: ({ message_id: id, emojis }) => { room.chat.reacted[id] = emojis; show(); },
    action: ({ chat_action: action }) => showAction(action),
    blocked: ({ blocked }) => { room.chat.blocked = blocked; showFrame(); },
    left: () => { room.chat.blocked = true; showFrame(); },
    pin: ({ pinned }) => { room.chat.pinned = pinned; showFrame(); },
    clear: () => quietly(open()),
    callback: ({ callback_query_id: id, answer }) => answered(id, answer),
  };

  function arrived(message, far) {
    showAction(null);
    markRead();
    if (far) countMissed();
    $("heard").textContent = `${author(message)}: ${summary(message)}`;
    if (!message.silent) chime();
  }

  function collected({ message_id: id }) {
    if (room.chat.waiting.delete(id)) show();
  }

  function hear(event) {
    const change = JSON.parse(event.data);
    changes[change.kind]?.(change);
    if (change.version) room.heard.set(change.user_id, Math.max(change.version, room.heard.get(change.user_id) ?? 0));
    const here = room.chat && change.user_id === room.chat.user.id;
    if (change.kind === "collected") return here && collected(change);
    if (change.user_id && room.people.some((person) => person.id === change.user_id)) refreshPeopleSoon();
    if (!here || change.version <= room.chat.version) return undefined;
    room.chat.version = change.version;
    return chatChanges[change.kind]?.(change);
  }

  (function connect() {
    const source = new EventSource("/sim/events");
    source.addEventListener("open", () => { $("offline").hidden = true; });
    source.addEventListener("error", () => {
      $("offline").textContent = words.offline;
      $("offline").hidden = false;
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 1000);
    });
    source.addEventListener("message", hear);
  }());
}
