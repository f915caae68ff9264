// Words with their entities as DOM nodes; offsets are UTF-16 units, exactly what JavaScript strings count.

import { make, startCommand, startPayload, words } from "./dom.js";

const PLAIN = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", blockquote: "blockquote",
};

function button(children, run) {
  const element = make("button", { type: "button", className: "link-button" }, ...children);
  element.addEventListener("click", run);
  return element;
}

function link(href, children, tap) {
  const payload = startPayload(href);
  if (payload !== null) return button(children, () => tap(startCommand(payload)));
  if (!/^(https?|mailto|tel|tg):/i.test(href)) return make("span", {}, ...children);
  return make("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** A long quotation, folded until somebody wants all of it. */
function foldable(children) {
  const quote = make("blockquote", { className: "expandable" }, ...children);
  const toggle = make("button", { type: "button", className: "unfold", "aria-expanded": "false" }, words.unfold);
  toggle.addEventListener("click", () => {
    const open = quote.toggleAttribute("data-open");
    toggle.setAttribute("aria-expanded", String(open));
    toggle.textContent = open ? words.fold : words.unfold;
  });
  return make("span", { className: "folded" }, quote, toggle);
}

/** One entity around its children; `tap` is called with a command. */
function wrap(entity, text, children, tap) {
  switch (entity.type) {
    case "pre": return make("pre", { "data-language": entity.language }, ...children);
    case "expandable_blockquote": return foldable(children);
    case "spoiler": {
      const spoiler = make("button", { type: "button", className: "spoiler", "aria-label": words.spoiler }, ...children);
      spoiler.addEventListener("click", () => {
        spoiler.toggleAttribute("data-open");
        spoiler.removeAttribute("aria-label");
      });
      return spoiler;
    }
    case "text_link": return link(entity.url, children, tap);
    case "url": return link(/^[a-z]+:/i.test(text) ? text : `https://${text}`, children, tap);
    case "email": return link(`mailto:${text}`, children);
    case "phone_number": return link(`tel:${text}`, children);
    case "bot_command": return button(children, () => tap(text));
    default: return make(PLAIN[entity.type] ?? "span", {}, ...children);
  }
}

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

/** Nested nodes for text[from, to); an entity that crosses another's end is cut there. */
function nodes(text, from, to, entities, tap) {
  const result = [];
  let at = from;
  for (let i = 0; i < entities.length; i += 1) {
    const entity = entities[i];
    const start = entity.offset;
    const end = Math.min(start + entity.length, to);
    if (start < at || end <= start) continue;
    if (start > at) result.push(text.slice(at, start));
    const inner = entities.slice(i + 1).filter((other) => other.offset >= start && other.offset < end);
    result.push(wrap(entity, text.slice(start, end), nodes(text, start, end, inner, tap), tap));
    // A block ends its line by itself.
    at = BLOCKS.has(entity.type) && text[end] === "\n" ? end + 1 : end;
  }
  if (at < to) result.push(text.slice(at, to));
  return result;
}

export function formatted(text, entities, tap) {
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return make("span", { className: "words" }, ...nodes(text, 0, text.length, sorted, tap));
}
