// A voice message by the microphone; where there is none, a sound file in its place.

import { $, lengthOf, words } from "./dom.js";
import { question } from "./overlays.js";
import { quietly, say } from "./room.js";

// Telegram's own kind first.
const KINDS = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];
const EXTENSIONS = { "audio/ogg": "ogg", "audio/webm": "webm", "audio/mp4": "m4a" };
let recording = null; // { recorder, stream, chunks, since, timer }

async function begin() {
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return offerFile(words.noMicrophone);
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    return offerFile(error.name === "NotAllowedError" ? words.microphoneDenied : words.noMicrophone);
  }
  const recorder = new MediaRecorder(stream, { mimeType: KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) });
  const chunks = [];
  recorder.addEventListener("dataavailable", (event) => chunks.push(event.data));
  recorder.start();
  const since = Date.now();
  const timer = setInterval(() => { $("record-time").textContent = lengthOf((Date.now() - since) / 1000); }, 250);
  recording = { recorder, stream, chunks, since, timer };
  return showRecording(true);
}

async function offerFile(reason) {
  if (await question(reason, words.chooseAudio)) $("voice-picker").click();
}

function showRecording(shown) {
  $("record-time").textContent = "0:00";
  $("recording").hidden = !shown;
  $("form").hidden = shown;
  $(shown ? "record-send" : "record").focus();
}

/** Let go of the microphone; the recording is complete when this is over. */
async function end() {
  const { recorder, stream, timer, since, chunks } = recording;
  recording = null;
  clearInterval(timer);
  const stopped = new Promise((resolve) => { recorder.addEventListener("stop", resolve, { once: true }); });
  recorder.stop();
  await stopped;
  for (const track of stream.getTracks()) track.stop();
  showRecording(false);
  return { blob: new Blob(chunks, { type: recorder.mimeType }), seconds: Math.max(1, Math.round((Date.now() - since) / 1000)) };
}

function send(file, name, seconds) {
  const voice = new FormData();
  voice.append("file", file, name);
  voice.append("kind", "voice");
  voice.append("duration", seconds);
  return say(voice);
}

async function finish() {
  const { blob, seconds } = await end();
  await send(blob, `voz.${EXTENSIONS[blob.type.split(";")[0]] ?? "webm"}`, seconds);
}

/** A change of person takes the microphone along: the recording is dropped. */
export async function stopRecording() {
  if (recording) await end();
}

export function recorder() {
  $("record").addEventListener("click", () => quietly(begin()));
  $("record-discard").addEventListener("click", () => quietly(end()));
  $("record-send").addEventListener("click", () => quietly(finish()));
  $("recording").addEventListener("keydown", (event) => { if (event.key === "Escape") quietly(end()); });
  $("voice-picker").addEventListener("change", () => {
    const [file] = $("voice-picker").files;
    $("voice-picker").value = "";
    if (file) quietly(send(file, file.name, 1));
  });
}
