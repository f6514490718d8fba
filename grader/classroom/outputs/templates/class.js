"use strict";
// All of the page can be read without this: it adds the search, the filter and the order.
const all = (selector) => [...document.querySelectorAll(selector)];
const one = (id) => document.getElementById(id);
for (const part of all(".controls[hidden]")) part.hidden = false;
for (const button of all("[data-only], [data-sort]")) button.disabled = false;

const body = document.querySelector("#heat tbody");
const rows = all("#heat tbody tr").map((row, index) => ({
  row, index,
  text: row.querySelector(".name").textContent.toLowerCase(),
  tokens: new Set(row.dataset.tokens.split(" ")),
  share: Number(row.dataset.share),
  number: row.querySelector(".name small")?.textContent || "",
}));
const fields = ["q", "show", "exercise", "sort"].map(one).filter(Boolean);
const only = document.querySelector(".only");
let ordered;

// The state is in the address alone: a link to it shows the same.
function stateOf(hash) {
  return new URLSearchParams(hash.includes("=") ? hash.slice(1) : "");
}

function change(name, value) {
  const state = stateOf(location.hash);
  if (value) state.set(name, value); else state.delete(name);
  const hash = state.toString();
  history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
  follow();
}

function order(by) {
  if (by === ordered) return;
  ordered = by;
  const down = by.startsWith("-");
  const what = by.slice(down);
  const compare = {
    "": (a, b) => a.index - b.index,
    number: (a, b) => a.number.localeCompare(b.number, "en", { numeric: true }),
    mark: (a, b) => a.share - b.share,
  }[what] || ((a, b) => markOf(a, what.slice(4)) - markOf(b, what.slice(4)));
  const sorted = [...rows].sort((a, b) => (down ? compare(b, a) : compare(a, b)) || a.index - b.index);
  body.append(...sorted.map((each) => each.row));
  for (const button of all("[data-sort]")) {
    const chosen = button.dataset.sort === what;
    button.setAttribute("aria-pressed", String(chosen));
    if (chosen) button.closest("th").setAttribute("aria-sort", down ? "descending" : "ascending");
    else if (!button.parentElement.querySelector(`[data-sort="${what}"]`)) button.closest("th").removeAttribute("aria-sort");
  }
}

// In one exercise of a course; below all others without a mark.
function markOf({ row }, exercise) {
  return Number(row.querySelector(`.mark.x${CSS.escape(exercise)} b`)?.textContent ?? -1);
}

function nameOf(token) {
  if (token.startsWith("mistake-")) return one(token)?.querySelector(".told").textContent.trim();
  return token.slice("check-".length);
}

function showColumns(exercise) {
  const select = one("exercise");
  if (!select) return;
  const chosen = [...select.options].findIndex((each) => each.value === exercise) - 1;
  for (const cell of all("#heat [class*=' x']"))
    cell.hidden = Boolean(exercise) && !cell.classList.contains("x" + chosen);
}

function follow() {
  const state = stateOf(location.hash);
  for (const field of fields) {
    const given = state.get(field.id) || "";
    const value = field.id === "sort" ? given.replace(/^-|\d+$/g, "") : given;
    if (field.value !== value) field.value = value;
  }
  const words = (state.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = [state.get("show"), state.get("only")].filter(Boolean);
  let shown = 0;
  for (const { row, text, tokens } of rows) {
    row.hidden = !(words.every((word) => text.includes(word)) && wanted.every((each) => tokens.has(each)));
    shown += !row.hidden;
  }
  order(state.get("sort") || "");
  if (showColumns.last !== state.get("exercise")) showColumns(showColumns.last = state.get("exercise"));
  tell(state, shown);
}

function tell(state, shown) {
  const status = one("shown");
  status.textContent = status.dataset.template.replace("{shown}", shown).replace("{total}", rows.length);
  document.querySelector(".nobody").hidden = shown > 0;
  const token = state.get("only");
  only.hidden = !token;
  if (token) {
    for (const part of only.querySelectorAll("[data-of]")) part.hidden = !token.startsWith(part.dataset.of);
    only.querySelector("strong").textContent = nameOf(token) || token;
  }
  one("reset").hidden = !["q", "show", "only"].some((name) => state.get(name));
  for (const button of all("[data-only]")) button.setAttribute("aria-pressed", String(button.dataset.only === token));
}

for (const field of fields) field.addEventListener("input", () => change(field.id, field.value));
document.querySelector(".tools").addEventListener("submit", (event) => event.preventDefault());
one("reset").addEventListener("click", () => {
  for (const name of ["q", "show", "only"]) change(name, "");
});
for (const button of all("[data-only]"))
  button.addEventListener("click", () => {
    const same = stateOf(location.hash).get("only") === button.dataset.only;
    change("only", same ? "" : button.dataset.only);
    one("everybody").scrollIntoView({ block: "start" });
  });
for (const button of all("[data-sort]"))
  button.addEventListener("click", () => change("sort", ordered === button.dataset.sort ? "-" + ordered : button.dataset.sort));
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select")) return;
  event.preventDefault();
  one("q").focus();
});
addEventListener("hashchange", follow);
let opened = [];
addEventListener("beforeprint", () => {
  opened = all("details:not([open])");
  for (const each of opened) each.open = true;
});
addEventListener("afterprint", () => { for (const each of opened) each.open = false; });
follow();
