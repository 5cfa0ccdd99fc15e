// An offer is heard and felt; the screen stays on while the courier is online.
let sound = null;
let timer = 0;
let lock = null;
let isWanted = false;

// Browsers let a page sound only after somebody touched it.
for (const type of ["pointerdown", "keydown"]) {
  addEventListener(type, () => {
    try { sound ??= new AudioContext(); sound.resume(); } catch { /* a silent device still shows the offer */ }
  }, { passive: true });
}

function beep() {
  navigator.vibrate?.([220, 90, 220, 90, 420]);
  if (sound?.state !== "running") return;
  [0, 0.18, 0.36].forEach((wait, index) => {
    const tone = sound.createOscillator();
    const loudness = sound.createGain();
    tone.frequency.value = [660, 880, 1100][index];
    loudness.gain.setValueAtTime(0.0001, sound.currentTime + wait);
    loudness.gain.exponentialRampToValueAtTime(0.35, sound.currentTime + wait + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, sound.currentTime + wait + 0.16);
    tone.connect(loudness).connect(sound.destination);
    tone.start(sound.currentTime + wait);
    tone.stop(sound.currentTime + wait + 0.18);
  });
}

/** Rings until it is hushed. */
export function ring() {
  hush();
  beep();
  timer = setInterval(beep, 2500);
}

export function hush() {
  clearInterval(timer);
  navigator.vibrate?.(0);
}

/** Keeps the screen on, where the browser can; it lets go by itself whenever the page is hidden. */
export function stayAwake(wanted) {
  isWanted = wanted;
  if (wanted) hold(); else { lock?.release().catch(() => {}); lock = null; }
}

async function hold() {
  if (!isWanted || document.visibilityState !== "visible" || (lock && !lock.released)) return;
  try { lock = await navigator.wakeLock?.request("screen") ?? null; } catch { /* the battery is low */ }
}
document.addEventListener("visibilitychange", hold);
