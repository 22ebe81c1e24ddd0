// Shows the print buttons, which need a script to work, and opens what is folded before the page is printed.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

const opened = new Set();
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("main details:not([open])")) {
    details.open = true;
    opened.add(details);
  }
});
window.addEventListener("afterprint", () => {
  opened.forEach((details) => (details.open = false));
  opened.clear();
});
