"use strict";
for (const part of document.querySelectorAll("[hidden].controls, [data-keys]")) part.hidden = false;

const findings = [...document.querySelectorAll(".finding")];
const marks = [...document.querySelectorAll(".timeline .mark")];

function step(list, by) {
  const shown = list.filter((each) => each.getClientRects().length);
  if (!shown.length) return;
  const now = shown.findIndex((each) => each.contains(document.activeElement));
  const next = shown[(now < 0 ? (by > 0 ? 0 : -1) : now + by + shown.length) % shown.length]
    || shown[shown.length - 1];
  (next.querySelector("summary") || next).focus();
  next.scrollIntoView({ block: "nearest", inline: "center" });
}

function show(which) {
  document.body.classList.toggle("only-open", which === "open");
  for (const button of document.querySelectorAll("[data-show]"))
    button.setAttribute("aria-pressed", String(button.dataset.show === which));
}

function showFromAddress() {
  const wanted = location.hash.startsWith("#show=") ? location.hash.slice(6) : null;
  if (wanted) { show(wanted); return; }
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

function zoom(by) {
  for (const drawing of document.querySelectorAll("svg.timeline")) {
    const box = drawing.viewBox.baseVal;
    const scale = Math.min(4, Math.max(0.5, (drawing.width.baseVal.value / box.width) * (by > 0 ? 1.25 : 0.8)));
    drawing.setAttribute("width", box.width * scale);
    drawing.setAttribute("height", box.height * scale);
  }
}

for (const button of document.querySelectorAll("[data-show]"))
  button.addEventListener("click", () => { location.hash = "show=" + button.dataset.show; });
for (const button of document.querySelectorAll("[data-zoom]"))
  button.addEventListener("click", () => zoom(Number(button.dataset.zoom)));
const keys = document.getElementById("keys");
document.querySelector("[data-keys]").addEventListener("click", () => { keys.hidden = !keys.hidden; });

const actions = {
  j: () => step(findings, 1), k: () => step(findings, -1),
  n: () => step(marks, 1), p: () => step(marks, -1),
  "+": () => zoom(1), "-": () => zoom(-1),
  "?": () => { keys.hidden = !keys.hidden; keys.scrollIntoView({ block: "nearest" }); },
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const action = actions[event.key];
  if (action) { event.preventDefault(); action(); }
});
addEventListener("hashchange", showFromAddress);
show("all");
showFromAddress();
