// Emoji for the text, and stickers drawn from emoji here, so that the page needs no picture of anybody.

import { $, make, words } from "./dom.js";
import { quietly, say } from "./room.js";

const EMOJI = "😀 😅 😂 🙂 😉 😊 😍 😘 😎 🤔 😐 🙄 😢 😭 😡 🤯 😴 🤒 🙏 👍 👎 👌 👏 🙌 💪 👋 🤝 ✍️ 👀 ❤️ 💔 🔥 ⭐ ✅ ❌ ❗ ❓ ⏰ 📞 📷 📄 🧾 💻 🖨️ 🖥️ 💾 🔑 🔒 💡 🛠️ 📦 🏪 💵 📊 🎉 ☕".split(" ");
const STICKERS = "👍 🙏 ❤️ 🎉 😂 😢 🤯 👋".split(" ");
const EDGE = 256; // px

function shown(tab) {
  $("emoji-tab").setAttribute("aria-pressed", String(tab === "emoji"));
  $("sticker-tab").setAttribute("aria-pressed", String(tab === "sticker"));
  $("emoji-grid").classList.toggle("stickers", tab === "sticker");
  $("emoji-grid").replaceChildren(...(tab === "emoji" ? EMOJI : STICKERS).map((emoji) => {
    const label = tab === "emoji" ? emoji : `${words.sticker} ${emoji}`;
    const button = make("button", { type: "button", "aria-label": label }, emoji);
    button.addEventListener("click", () => (tab === "emoji" ? insert(emoji) : quietly(sendSticker(emoji))));
    return button;
  }));
}

function insert(emoji) {
  const text = $("text");
  text.setRangeText(emoji, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input"));
}

async function sendSticker(emoji) {
  const canvas = make("canvas", { width: EDGE, height: EDGE });
  const brush = canvas.getContext("2d");
  brush.font = `${EDGE * 0.76}px sans-serif`;
  brush.textAlign = "center";
  brush.textBaseline = "middle";
  brush.fillText(emoji, EDGE / 2, EDGE * 0.54);
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/webp"); });
  const sticker = new FormData();
  sticker.append("file", blob, "sticker.webp");
  sticker.append("kind", "sticker");
  sticker.append("emoji", emoji);
  show(false);
  await say(sticker);
}

function show(open) {
  $("emoji").hidden = !open;
  $("emoji-toggle").setAttribute("aria-expanded", String(open));
  if (open) shown("emoji");
}

export function emojiPanel() {
  $("emoji-toggle").addEventListener("click", () => show($("emoji").hidden));
  $("emoji-tab").addEventListener("click", () => shown("emoji"));
  $("sticker-tab").addEventListener("click", () => shown("sticker"));
  $("emoji").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    show(false);
    $("emoji-toggle").focus();
  });
}
