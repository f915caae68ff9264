// The sound of a message that is not silent: two short tones made here, off by one menu item.

import { $ } from "./dom.js";

const TONES = [660, 880]; // Hz
const SECONDS = 0.12;
let speaker = null;

const wanted = () => localStorage.getItem("sound") !== "off";

// A browser lets a page be heard only after somebody touched it.
for (const kind of ["pointerdown", "keydown"]) {
  document.addEventListener(kind, () => { speaker ??= window.AudioContext ? new AudioContext() : null; }, { once: true });
}

export function chime() {
  if (!speaker || !wanted()) return;
  TONES.forEach((tone, n) => {
    const [voice, volume] = [speaker.createOscillator(), speaker.createGain()];
    const start = speaker.currentTime + n * SECONDS;
    voice.frequency.value = tone;
    volume.gain.setValueAtTime(0.08, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + SECONDS);
    voice.connect(volume).connect(speaker.destination);
    voice.start(start);
    voice.stop(start + SECONDS);
  });
}

export function soundSwitch() {
  const show = () => $("sound").setAttribute("aria-checked", String(wanted()));
  $("sound").addEventListener("click", () => {
    localStorage.setItem("sound", wanted() ? "off" : "on");
    show();
    chime();
  });
  show();
}
