// What the page knows: the people, the open chat, who speaks in it, and how to ask the simulator for something.

import { ask, post, toast, words } from "./dom.js";

/** `chat` is the open chat as GET /sim/chats/{id} tells it, its messages by id; `speaker` a member of a group;
 *  `heard` the newest version of each chat that an event has told of. */
export const room = { people: [], chat: null, speaker: null, heard: new Map() };

export const quietly = (promise) => promise.catch(() => {});
export const nameOf = (person) => person.group?.title ?? [person.first_name, person.last_name].filter(Boolean).join(" ");
const mine = () => (room.chat.group ? room.speaker : room.chat.user.id);
export const isMine = (message) => message.from?.id === mine();
export const me = () => (room.chat.group ? room.chat.members.find((person) => person.id === room.speaker) : room.chat.user);
export const path = (deed = "") => `/sim/chats/${room.chat.user.id}${deed}`;

/** Who said it, seen from this chair. */
export function author(message) {
  if (isMine(message)) return words.you;
  return message.from?.is_bot ? words.bot : message.from?.first_name ?? words.unknown;
}

/** One deed of the person in the open chat; the refusal of the simulator is shown. */
export async function act(deed, body = {}, { method = "POST", progress } = {}) {
  try {
    if (body instanceof FormData) {
      if (room.chat.group) body.append("as", room.speaker);
      return await post(path(deed), body, progress);
    }
    return await ask(path(deed), method, room.chat.group ? { ...body, as: room.speaker } : body);
  } catch (error) {
    toast(error.message || words.failed);
    throw error;
  }
}

export async function say(wish, options) {
  return act("/messages", wish, options);
}
