// What the person does with the bot: tap its buttons, press its keys, send a draft, share a number.

import { $, startCommand, toast, words } from "./dom.js";
import { question } from "./overlays.js";
import { act, me, quietly, room, say } from "./room.js";
import { toNewest } from "./timeline.js";

const PATIENCE_SECONDS = 15;
const waitingTaps = new Map(); // callback id → what to do once it is answered
const earlyAnswers = new Map(); // a quick bot answers before the tap itself has returned

export async function speak(wish, options) {
  await say(wish, options);
  toNewest();
}

export const command = (text) => quietly(speak({ text }));

/** The button is busy until the bot answers, as in Telegram. */
export async function tap(message, button, key) {
  if (button.copy_text) {
    await navigator.clipboard?.writeText(button.copy_text.text);
    toast(words.copied);
    return;
  }
  key.setAttribute("aria-busy", "true");
  const done = () => key.removeAttribute("aria-busy");
  try {
    const { callback_query_id: id } = await act("/tap", { message_id: message.message_id, data: button.callback_data });
    waitingTaps.set(id, done);
    setTimeout(done, PATIENCE_SECONDS * 1000);
    if (earlyAnswers.has(id)) answered(id, earlyAnswers.get(id));
  } catch {
    done();
  }
}

export function answered(id, answer) {
  if (!waitingTaps.has(id)) {
    earlyAnswers.set(id, answer);
    return;
  }
  waitingTaps.get(id)();
  waitingTaps.delete(id);
  earlyAnswers.delete(id);
  if (answer.text && answer.show_alert) {
    $("alert-text").textContent = answer.text;
    $("alert").showModal();
  } else if (answer.text) toast(answer.text);
}

export async function press(button) {
  return button.request_contact ? shareNumber() : speak({ text: button.text });
}

export async function shareNumber() {
  const { phone } = me();
  if (!phone) return toast(words.phoneMissing);
  const text = words.share.replace("{phone}", phone).replace("{bot}", words.bot);
  return await question(text, words.shareAction) ? speak({ share_contact: true }) : undefined;
}

export async function sendDraft(draft, asFiles, progress) {
  if (draft.edit) {
    const name = draft.edit.text === undefined ? "caption" : "text";
    return act(`/messages/${draft.edit.message_id}/edit`, { [name]: draft.text });
  }
  if (!draft.files.length) return speak({ text: draft.text, reply_to: draft.reply?.message_id });
  const form = new FormData();
  for (const file of draft.files) form.append("file", file, file.name);
  if (draft.text) form.append("caption", draft.text);
  if (draft.reply) form.append("reply_to", draft.reply.message_id);
  if (asFiles) form.append("kind", "document");
  return speak(form, { progress });
}

export async function toggleBlock() {
  if (room.chat.blocked) return act("/unblock");
  if (!room.chat.group && !await question(words.blockSure.replace("{bot}", words.bot), words.blockAction)) return undefined;
  return act("/block");
}

export const openGate = () => (room.chat.blocked ? act("/unblock") : speak({ text: startCommand("") }));

export async function emptyChat() {
  if (await question(words.clearSure, words.clearAction)) await act("/clear");
}
