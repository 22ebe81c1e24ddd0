// Shows the page anew when a content file was saved. Without this script, reloading the page does the same.

const EVERY = 1000; // Milliseconds; the answer is read from the files' dates and is a few bytes.
const LIVE = "This page follows the files as you save them.";
const LOST = "The preview has stopped. Start it again in the terminal.";

const place = document.querySelector("[data-watch]");
const words = place?.querySelector("[data-live]");

function say(sentence, lost) {
  if (words.textContent !== sentence) words.textContent = sentence;
  words.classList.toggle("lost", lost);
}

async function look() {
  if (document.hidden) return;
  try {
    const reply = await fetch(place.dataset.watch, { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (!reply.ok) throw new Error(String(reply.status));
    const mark = (await reply.text()).trim();
    if (mark !== place.dataset.mark) window.location.reload();
    else say(LIVE, false);
  } catch {
    say(LOST, true);
  }
}

async function watch() {
  await look();
  setTimeout(watch, EVERY);
}

if (place && words) {
  words.setAttribute("role", "status");
  watch();
  document.addEventListener("visibilitychange", look);
}
