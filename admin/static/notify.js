// Tells of new work while one looks elsewhere: a notification of the desktop, with a sound if wanted. Each browser decides
// for itself, and none is asked unless the button is pressed.
(() => {
  const button = document.getElementById("notify");
  if (!button || !window.Notification) return;
  const sound = document.getElementById("notify-sound");
  const problem = document.getElementById("notify-problem");
  let audio;

  const kept = {
    get: (name) => localStorage.getItem(name) === "1",
    set: (name, on) => (on ? localStorage.setItem(name, "1") : localStorage.removeItem(name)),
  };
  const isOn = () => kept.get("notify") && Notification.permission === "granted";

  function show() {
    button.hidden = false;
    button.textContent = isOn() ? button.dataset.stop : button.dataset.start;
    button.setAttribute("aria-pressed", isOn());
    sound.closest("label").hidden = !isOn();
    sound.checked = kept.get("notify-sound");
  }

  button.addEventListener("click", async () => {
    const wanted = !isOn();
    if (wanted && Notification.permission !== "granted") await Notification.requestPermission();
    problem.hidden = !wanted || Notification.permission === "granted";
    kept.set("notify", wanted);
    show();
  });

  sound.addEventListener("change", () => {
    kept.set("notify-sound", sound.checked);
    if (sound.checked) play();
  });

  function play() {
    audio ??= new AudioContext(); // a browser lets it be heard once somebody has touched the page
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    tone.frequency.value = 660;
    volume.gain.setValueAtTime(0.15, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.4);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.4);
  }

  document.addEventListener("queue:news", (event) => {
    if (!isOn() || document.hasFocus()) return;
    const note = new Notification(button.dataset.title, { body: event.detail.join("\n"), tag: "queue" });
    note.addEventListener("click", () => window.focus());
    if (kept.get("notify-sound")) play();
  });

  show();
})();
