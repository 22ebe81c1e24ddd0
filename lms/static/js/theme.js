// Light or dark as chosen on this device, else as the device is set (the stylesheet does that by itself).
// The choice is kept in this browser only and says nothing about the person.

const KEY = "rollcall-appearance";
const CHOICES = ["auto", "light", "dark"];

function stored() {
  try {
    const choice = localStorage.getItem(KEY);
    return CHOICES.includes(choice) ? choice : "auto";
  } catch {
    return "auto"; // Storage may be closed to us; the device's setting then stands.
  }
}

function apply(choice) {
  if (choice === "auto") delete document.documentElement.dataset.bsTheme;
  else document.documentElement.dataset.bsTheme = choice;
  for (const button of document.querySelectorAll("[data-appearance]")) {
    button.setAttribute("aria-pressed", String(button.dataset.appearance === choice));
  }
}

function choose(choice) {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // The choice then lasts for this page.
  }
  apply(choice);
}

function offer() {
  for (const group of document.querySelectorAll("[data-appearance-choice]")) group.hidden = false;
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-appearance]");
    if (button) choose(button.dataset.appearance);
  });
  apply(stored());
}

apply(stored()); // Before the first paint, where the browser lets a module block it.
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", offer);
else offer();
