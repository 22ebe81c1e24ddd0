// A form that has been sent is not sent again: further clicks do nothing until the page is shown anew.
// The server is safe without this (every write carries its own key); this only spares the person a doubt.
// A form whose answer is a download, and which therefore stays on the page, opts out with data-once="no".

const SENT = "sent";
const WAITING = "Sending, please wait.";

function live() {
  let region = document.getElementById("live-region");
  if (!region) {
    region = document.createElement("p");
    region.id = "live-region";
    region.className = "visually-hidden";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  return region;
}

const GIVE_UP_AFTER = 20000; // Milliseconds. A lost connection must not leave a dead button behind.
const disabled = new WeakMap();

function close(form) {
  const buttons = [...form.elements].filter((element) => element.type === "submit" && !element.disabled);
  buttons.forEach((button) => (button.disabled = true));
  disabled.set(form, buttons);
}

function reopen(form) {
  delete form.dataset.once;
  form.removeAttribute("aria-busy");
  (disabled.get(form) ?? []).forEach((button) => (button.disabled = false));
  disabled.delete(form);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.dataset.once === "no") return;
  if (form.dataset.once === SENT) {
    event.preventDefault();
    return;
  }
  form.dataset.once = SENT;
  form.setAttribute("aria-busy", "true");
  live().textContent = WAITING;
  // Only after the browser has read the form: a disabled button's own value would not be sent.
  setTimeout(() => close(form), 0);
  setTimeout(() => reopen(form), GIVE_UP_AFTER);
});

// Back and forward show a page as it was left; its buttons must work again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll(`form[data-once="${SENT}"]`).forEach(reopen);
});
