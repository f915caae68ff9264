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
  const answer = await fetch(path, options).catch(() => { throw new Error(words.failed); });
  const facts = await answer.json();
  if (!answer.ok) throw new Error(facts.error ?? answer.statusText);
  return facts;
}

/** A form with files; `progress` hears how much of it is sent, from 0 to 1. */
export function post(path, form, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => progress?.(event.total ? event.loaded / event.total : 0));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(request.response);
      else reject(new Error(request.response?.error ?? words.failed));
    });
    request.addEventListener("error", () => reject(new Error(words.failed)));
    request.open("POST", path);
    request.send(form);
  });
}

const locale = words.lang === "en" ? "en-GB" : "es-EC";
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long" });
const oldDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
const shortDay = new Intl.DateTimeFormat(locale, { day: "2-digit", month: "2-digit" });

export const timeOf = (seconds) => clock.format(new Date(seconds * 1000));

export function dayOf(seconds) {
  const date = new Date(seconds * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return words.today;
  if (days === 1) return words.yesterday;
  return (date.getFullYear() === new Date().getFullYear() ? day : oldDay).format(date);
}

export function briefly(seconds) {
  const date = new Date(seconds * 1000);
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : shortDay.format(date);
}

export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const [value, unit] = bytes < 1048576 ? [bytes / 1024, "KB"] : [bytes / 1048576, "MB"];
  return `${value.toLocaleString(locale, { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
}

/** The payload of a link that opens this very bot (t.me/bot?start=…); null for every other link. */
export function startPayload(href) {
  const url = URL.canParse(href) ? new URL(href) : null;
  if (!url || !["t.me", "telegram.me"].includes(url.hostname)) return null;
  if (url.pathname.slice(1).toLowerCase() !== words.username.toLowerCase()) return null;
  return url.searchParams.get("start") ?? "";
}

/** Minutes and seconds, as a player shows them. */
export const lengthOf = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export const startCommand = (payload) => (payload ? `/start ${payload}` : "/start");

let toastTimer;
export function toast(text, milliseconds = 3200) {
  const place = $("toast");
  place.textContent = text;
  place.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { place.hidden = true; }, milliseconds);
}
