// Small tools for building the page: elements, icons, words, requests.

export const $ = (id) => document.getElementById(id);
export const words = $("words").dataset;

/** An element with properties, `data-` and `aria-` attributes and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export async function ask(path, method = "GET", body) {
  const options = { method };
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const answer = await fetch(path, options);
  const facts = await answer.json();
  if (!answer.ok) throw new Error(facts.error ?? answer.statusText);
  return facts;
}

const clock = new Intl.DateTimeFormat("es-EC", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("es-EC", { day: "numeric", month: "long" });
const shortDay = new Intl.DateTimeFormat("es-EC", { day: "2-digit", month: "2-digit" });

export const timeOf = (seconds) => clock.format(new Date(seconds * 1000));

export function dayOf(seconds) {
  const date = new Date(seconds * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return words.today;
  return days === 1 ? words.yesterday : day.format(date);
}

export function briefly(seconds) {
  const date = new Date(seconds * 1000);
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : shortDay.format(date);
}

export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const [value, unit] = bytes < 1048576 ? [bytes / 1024, "KB"] : [bytes / 1048576, "MB"];
  return `${value.toLocaleString("es-EC", { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
}

/** The payload of a link that opens this very bot (t.me/bot?start=…); null for every other link. */
export function startPayload(href) {
  const url = URL.canParse(href) ? new URL(href) : null;
  if (!url || !["t.me", "telegram.me"].includes(url.hostname)) return null;
  if (url.pathname.slice(1).toLowerCase() !== words.username.toLowerCase()) return null;
  return url.searchParams.get("start") ?? "";
}

export const startCommand = (payload) => (payload ? `/start ${payload}` : "/start");

let toastTimer;
export function toast(text, milliseconds = 3200) {
  const place = $("toast");
  place.textContent = text;
  place.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { place.hidden = true; }, milliseconds);
}
