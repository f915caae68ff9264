// The paper clip: photos, files, a place, a contact.

import { $, words } from "./dom.js";
import { closeMenus, form, menu } from "./overlays.js";
import { quietly, say } from "./room.js";

function pick(accept, asFiles) {
  closeMenus();
  $("as-files").checked = asFiles;
  $("picker").accept = accept;
  $("picker").click();
}

function here() {
  const unknown = () => { $("place-note").textContent = words.placeUnknown; };
  if (!navigator.geolocation) return unknown();
  return navigator.geolocation.getCurrentPosition(({ coords }) => {
    const fields = $("place").querySelector("form").elements;
    fields.latitude.value = coords.latitude.toFixed(6);
    fields.longitude.value = coords.longitude.toFixed(6);
    $("place-note").textContent = "";
  }, unknown, { timeout: 10000 });
}

export function attachments() {
  const openPlace = form("place", (fields) => quietly(say({
    location: { latitude: Number(fields.get("latitude")), longitude: Number(fields.get("longitude")) },
  })));
  const openContact = form("contact", (fields) => quietly(say({ contact: Object.fromEntries(fields) })));
  menu("attach", "attach-menu");
  $("attach-photo").addEventListener("click", () => pick("image/*,video/*", false));
  $("attach-file").addEventListener("click", () => pick("", true));
  $("attach-place").addEventListener("click", () => { closeMenus(); $("place-note").textContent = ""; openPlace(); });
  $("attach-contact").addEventListener("click", () => { closeMenus(); openContact(); });
  $("place-here").addEventListener("click", here);
}
