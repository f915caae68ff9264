// The line at the bottom: words, files, reply, edit; drafts survive a change of person.

import { $, icon, make, sizeOf, words } from "./dom.js";
import { summary } from "./contents.js";
import { author } from "./room.js";

const drafts = new Map();
const fresh = () => ({ text: "", files: [], reply: null, edit: null });

export class Composer {
  /** `send(draft, asFiles)` returns a promise; the draft comes back if it fails. */
  constructor(send) {
    this.person = null;
    this.text = $("text");
    $("form").addEventListener("submit", (event) => { event.preventDefault(); this.submit(send); });
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("input", () => { this.draft.text = this.text.value; this.keep(); this.offer(); });
    this.text.addEventListener("paste", (event) => this.paste(event));
    $("picker").addEventListener("change", () => { this.attach($("picker").files); $("picker").value = ""; });
    $("context-close").addEventListener("click", () => this.dismiss());
    this.receiveDrops($("compose").parentElement);
  }

  get draft() {
    if (!drafts.has(this.person)) drafts.set(this.person, { ...fresh(), text: sessionStorage.getItem(`draft-${this.person}`) ?? "" });
    return drafts.get(this.person);
  }

  keep() { sessionStorage.setItem(`draft-${this.person}`, this.draft.edit ? "" : this.draft.text); }

  open(person) { this.person = person; this.show(); }

  /** Where there is something to send the microphone makes room. */
  offer() {
    const something = Boolean(this.draft.text.trim() || this.draft.files.length || this.draft.edit);
    $("send").hidden = !something;
    $("record").hidden = something;
  }

  show() {
    const { text, files, reply, edit } = this.draft;
    if (this.text.value !== text) this.text.value = text;
    this.offer();
    $("context").hidden = !reply && !edit;
    if (reply || edit) {
      $("context-title").textContent = edit ? words.editing : `${words.replyingTo} ${author(reply)}`;
      $("context-text").textContent = summary(edit ?? reply);
      $("context-icon").replaceChildren(icon(edit ? "edit" : "reply"));
    }
    $("files").hidden = !files.length;
    $("files-list").replaceChildren(...files.map((file, index) => this.chip(file, index)));
  }

  chip(file, index) {
    const label = `${words.remove}: ${file.name}`;
    const remove = make("button", { type: "button", className: "round small", "aria-label": label, title: label }, icon("close"));
    remove.addEventListener("click", () => { this.draft.files.splice(index, 1); this.show(); this.text.focus(); });
    return make("li", {}, this.preview(file), make("span", {}, `${file.name} · ${sizeOf(file.size)}`), remove);
  }

  preview(file) {
    if (!file.type.startsWith("image/")) return icon("file");
    const image = make("img", { src: URL.createObjectURL(file), alt: "" });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    return image;
  }

  key(event) {
    if (event.key === "Escape") this.dismiss();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    $("form").requestSubmit();
  }

  paste(event) {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    this.attach(event.clipboardData.files);
  }

  attach(files) {
    this.draft.files.push(...files);
    this.show();
    this.text.focus();
  }

  reply(message) { Object.assign(this.draft, { reply: message, edit: null }); this.show(); this.text.focus(); }

  edit(message) { Object.assign(this.draft, { edit: message, reply: null, text: message.text ?? message.caption }); this.show(); this.text.focus(); }

  dismiss() {
    if (this.draft.edit) this.draft.text = "";
    Object.assign(this.draft, { reply: null, edit: null });
    this.show();
  }

  async submit(send) {
    const draft = this.draft;
    if (!draft.text.trim() && !draft.files.length) return;
    const person = this.person;
    drafts.set(person, fresh());
    this.keep();
    this.show();
    try {
      await send(draft, $("as-files").checked, (part) => this.progress(part));
    } catch {
      drafts.set(person, draft);
      if (this.person === person) this.show();
    } finally {
      this.progress(1);
    }
  }

  progress(part) {
    $("progress").hidden = part >= 1;
    $("progress-bar").value = part;
  }

  receiveDrops(place) {
    let depth = 0;
    const veil = (shown) => { $("drop").hidden = !shown || $("compose").hidden; };
    place.addEventListener("dragenter", (event) => { event.preventDefault(); depth += 1; veil(true); });
    place.addEventListener("dragover", (event) => event.preventDefault());
    place.addEventListener("dragleave", () => { depth -= 1; veil(depth > 0); });
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      veil(false);
      if (event.dataTransfer.files.length && !$("compose").hidden) this.attach(event.dataTransfer.files);
    });
  }
}
