// Sends an answer without leaving the page: the reply holds the reasons and the next question, so that going on
// needs no further wait. Without this script, or when anything is not as expected, the form is sent as any other.

const FORM = "form[data-in-place]";
const LOST = "No answer from the server. Your choice is still marked. Try again: what arrived first counts, and only once.";
const PART = { "X-Rollcall-Part": "answer" };

const main = document.getElementById("main");
let upcoming = null;
let shownAt = window.location.pathname;

function show(part, focusOn) {
  const held = document.createElement("template");
  held.innerHTML = part.html;
  main.replaceChildren(held.content);
  const end = document.title.lastIndexOf(" – ");
  document.title = part.title + (end < 0 ? "" : document.title.slice(end));
  window.scrollTo(0, 0);
  const target = main.querySelector(focusOn) ?? main;
  if (!target.matches("input")) target.setAttribute("tabindex", "-1"); // An input has its own place in the Tab order.
  target.focus();
}

function say(form, sentence) {
  let place = form.querySelector("[data-lost]");
  if (!place) {
    place = document.createElement("p");
    place.dataset.lost = "";
    place.className = "field-error";
    place.setAttribute("role", "alert");
    form.append(place);
  }
  place.textContent = sentence;
}

async function send(form) {
  const buttons = form.querySelectorAll("[type=submit]");
  form.setAttribute("aria-busy", "true");
  buttons.forEach((button) => (button.disabled = true));
  try {
    const reply = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: PART,
      signal: AbortSignal.timeout?.(30000),
    });
    const kind = reply.headers.get("Content-Type") ?? "";
    if (kind.startsWith("application/json")) {
      const { go, again, answered, next } = await reply.json();
      if (go) return window.location.assign(go);
      if (again) return show(again, "[aria-invalid] input");
      upcoming = next;
      show(answered, ".verdict-title");
    } else if (reply.redirected) {
      window.location.assign(reply.url);
    } else {
      form.submit(); // The server keeps the first answer, so sending it once more changes nothing.
    }
  } catch {
    form.removeAttribute("aria-busy");
    buttons.forEach((button) => (button.disabled = false));
    say(form, LOST);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(FORM) || event.defaultPrevented) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") !== "true") send(form);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.btn-next");
  if (!link || !upcoming || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (link.pathname !== upcoming.address) return;
  event.preventDefault();
  const next = upcoming;
  upcoming = null;
  window.history.pushState(null, "", next.address);
  shownAt = next.address;
  show(next, "h1");
});

// Back and forward ask the server, which knows what was answered; a jump within the page does not.
window.addEventListener("popstate", () => {
  if (window.location.pathname !== shownAt) window.location.reload();
});
