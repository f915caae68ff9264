// Tells of new work while one looks elsewhere: a notification of the desktop, with a sound if wanted. Each browser decides
// for itself, and none is asked unless the button is pressed.
(() => {
  const state = document.getElementById("live-state");
  const button = document.getElementById("notify");
  const title = document.title;
  let unseen = 0;
  const sound = document.getElementById("notify-sound");
  const problem = document.getElementById("notify-problem");
  let audio;

  const kept = {
    get: (name) => localStorage.getItem(name) === "1",
    set: (name, on) => (on ? localStorage.setItem(name, "1") : localStorage.removeItem(name)),
  };
  const isOn = () => window.Notification && kept.get("notify") && Notification.permission === "granted";

  function show() {
    button.hidden = false;
    button.textContent = isOn() ? button.dataset.stop : button.dataset.start;
    button.setAttribute("aria-pressed", isOn());
    sound.closest("label").hidden = !isOn();
    sound.checked = kept.get("notify-sound");
  }

  button?.addEventListener("click", async () => {
    const wanted = !isOn();
    if (wanted && Notification.permission !== "granted") await Notification.requestPermission();
    problem.hidden = !wanted || Notification.permission === "granted";
    kept.set("notify", wanted);
    show();
  });

  sound?.addEventListener("change", () => {
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

  // The page one looks at says it to the others: the same is told once, whichever pages are open.
  function isNews(work) {
    const told = Number(localStorage.getItem("told") ?? 0);
    const last = Math.max(...work.map(({ id }) => id));
    if (last <= told) return false;
    localStorage.setItem("told", last);
    return true;
  }

  function tell(work) {
    if (!isNews(work)) return;
    const note = new Notification(state.dataset.work, { body: work.slice(0, 5).map(({ subject }) => subject).join("\n"), tag: "queue" });
    note.addEventListener("click", () => {
      window.focus();
      if (!button) window.open(work.length === 1 ? `/tickets/${work[0].number}` : "/"); // what is being written stays
    });
    if (kept.get("notify-sound")) play();
  }

  document.addEventListener("live:work", (event) => {
    if (!button && document.hidden) {
      unseen += event.detail.length;
      document.title = `(${unseen}) ${title}`;
    }
    if (button && document.hasFocus()) isNews(event.detail); // it is seen
    else if (isOn()) setTimeout(tell, document.hasFocus() ? 0 : 400, event.detail);
  });

  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !unseen) return;
    unseen = 0;
    document.title = title;
  });

  if (button && window.Notification) show();
})();
