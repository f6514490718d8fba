"use strict";
// All of the page can be read without this: it adds keys, zoom, panning and the filter.
const all = (selector) => [...document.querySelectorAll(selector)];
for (const part of all(".controls[hidden]")) part.hidden = false;

const keys = document.getElementById("keys");

// The next of a list, or the one before, in view and with the focus; at the ends it stays.
function step(list, by) {
  const shown = list.filter((each) => each.getClientRects().length);
  if (!shown.length) return;
  const now = shown.findIndex((each) => each.contains(document.activeElement));
  const first = by > 0 ? 0 : shown.length - 1;
  const next = shown[now < 0 ? first : Math.min(shown.length - 1, Math.max(0, now + by))];
  (next.querySelector("summary") || next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest", inline: "center" });
}

function show(which) {
  document.body.classList.toggle("only-open", which === "open");
  for (const button of all("[data-show]"))
    button.setAttribute("aria-pressed", String(button.dataset.show === which));
}

function followAddress() {
  const hash = location.hash.slice(1);
  if (hash.startsWith("show=")) { show(hash.slice(5)); return; }
  show("all");
  const target = hash && document.getElementById(hash);
  if (!target) return;
  for (let each = target; each; each = each.parentElement)
    if (each instanceof HTMLDetailsElement) each.open = true;
  goTo(target.id);
  target.scrollIntoView({ block: "center", behavior: "instant" });
}

function zoom(by) {
  for (const drawing of all(".drawing svg")) {
    const box = drawing.viewBox.baseVal;
    const now = drawing.width.baseVal.value / box.width;
    const scale = by ? Math.min(4, Math.max(0.5, now * (by > 0 ? 1.25 : 0.8))) : 1;
    drawing.setAttribute("width", box.width * scale);
    drawing.setAttribute("height", box.height * scale);
  }
}

// What breaks a check is seen first, also where the drawing is wider than the window; where
// nothing of the kind is drawn, the error by which somebody ended, or who never did.
function moveToWhatWentWrong(pane) {
  const end = pane.querySelector(".end.badly .cap");
  const error = end && pane.querySelector(".mark.stderr .words");
  const wrong = pane.querySelector(".relation.violated .label") || error || end
    || (document.querySelector(".outcome") && pane.querySelector(".end.alive .cap"));
  const box = pane.getBoundingClientRect();
  const names = pane.querySelector(".names").getBoundingClientRect();
  // Of a relation both ends, or where there is no room for both the early one.
  const rings = [...(wrong?.closest(".relation")?.querySelectorAll(".ring") ?? [])].map((ring) => ring.getBoundingClientRect());
  if (rings.length) {
    const left = Math.min(...rings.map((ring) => ring.left));
    const right = Math.max(...rings.map((ring) => ring.right));
    if (right > box.right - 24) pane.scrollLeft += Math.min(left - names.right - 20, Math.max(right, wrong.getBoundingClientRect().right) - box.right + 60);
    return;
  }
  const label = wrong?.getBoundingClientRect();
  if (!label || label.right <= box.right) return;
  pane.scrollLeft += Math.min(label.left - names.right - 20, label.right - box.right + 60);
}

function toggleKeys() {
  if (keys.open) keys.close(); else keys.showModal();
}

for (const button of all("[data-show]"))
  button.addEventListener("click", () => { location.hash = "show=" + button.dataset.show; });
for (const button of all("[data-zoom]"))
  button.addEventListener("click", () => zoom(Number(button.dataset.zoom)));
for (const button of all("[data-keys]")) button.addEventListener("click", toggleKeys);

for (const pane of all(".run .scroll")) {
  moveToWhatWentWrong(pane);
  pane.addEventListener("pointerdown", (down) => {
    if (down.pointerType !== "mouse" || down.button || down.target.closest("a")) return;
    const from = pane.scrollLeft + down.clientX;
    const pan = (move) => { pane.scrollLeft = from - move.clientX; };
    pane.setPointerCapture(down.pointerId);
    pane.addEventListener("pointermove", pan);
    pane.addEventListener("pointerup", () => pane.removeEventListener("pointermove", pan), { once: true });
  });
}

const actions = {
  j: () => step(all(".finding"), 1), k: () => step(all(".finding"), -1),
  ArrowRight: () => walk(1), ArrowLeft: () => walk(-1), n: () => walk(1), p: () => walk(-1),
  Home: () => jump(-Infinity), End: () => jump(Infinity),
  Escape: leave,
  "+": () => zoom(1), "-": () => zoom(-1), 0: () => zoom(0),
  "?": toggleKeys,
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (keys.open && event.key !== "?") return;
  if (["Home", "End"].includes(event.key) && !cursor) return;
  const action = actions[event.key];
  // A pane that can be moved sideways keeps its arrows; the drawing follows the cursor.
  const pane = event.key.startsWith("Arrow") && event.target.closest(".scroll");
  if (pane && !pane.closest(".run") && pane.scrollWidth > pane.clientWidth) return;
  if (action) { event.preventDefault(); action(); }
});
