
// The cursor: one event of one run, shown in the lanes, the source and the output at once. Of each
// event the tables say whose it is (data-p), where in the drawing (data-x), and its line (data-l).
const stepper = document.querySelector(".stepper");
const readout = document.querySelector(".readout");
const places = new Map();
const runs = all(".run").map((pane, number) => {
  const rows = all(`tr[id^="event-${number}-"]`);
  rows.forEach((row, at) => places.set(row.id, { number, at }));
  const lanes = [...pane.querySelectorAll(".names [data-p]")].map((name, index) => ({
    p: name.dataset.p, name: name.textContent, y: Number(name.dataset.y), colour: "p" + index % 8,
  }));
  return { pane, rows, lanes, title: pane.querySelector("summary").textContent, drawing: pane.querySelector("svg.timeline") };
});
const output = all(".said a").map((link) => ({ line: link.closest("tr"), ...places.get(link.hash.slice(1)) }));
let cursor = null;
let lit = [];

function node(name, attributes, ...children) {
  const made = document.createElementNS(runs[0].drawing.namespaceURI, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function html(name, kind, ...children) {
  const made = document.createElement(name);
  made.className = kind;
  made.append(...children);
  return made;
}

// "1.00 s · main: begins to wait for p", as the marks' titles say it.
function told(row) {
  const what = row.querySelector(".what");
  const who = row.querySelector(".who") || row.closest("table").tHead.rows[0].cells[what.closest("td").cellIndex];
  return `${row.cells[0].textContent} · ${who.textContent}: ${what.textContent}`;
}

// The line of each process that is alive, and whether it still stands there: what it does after
// its last known line may be elsewhere.
function standing({ rows, lanes }, at) {
  const found = new Map();
  const over = new Set();
  const moved = new Set();
  for (let index = at; index >= 0 && found.size + over.size < lanes.length; index -= 1) {
    const { p, l, end } = rows[index].dataset;
    if (found.has(p) || over.has(p)) continue;
    if (end !== undefined) over.add(p);
    else if (l) found.set(p, { line: document.getElementById(l), stays: !moved.has(p) });
    moved.add(p);
  }
  return lanes.flatMap((lane) => (found.get(lane.p)?.line ? [{ ...lane, ...found.get(lane.p) }] : []));
}

function drawCursor(run, row) {
  const x = Number(row.dataset.x);
  const lane = run.lanes.find((each) => each.p === row.dataset.p);
  const height = run.drawing.viewBox.baseVal.height;
  const parts = [node("path", { d: `M${x} 20V${height - 4}` })];
  if (lane) parts.push(node("circle", { cx: x, cy: lane.y, r: 9, class: lane.colour }));
  run.drawing.append(node("g", { class: "cursor" }, ...parts));
  const here = run.drawing.querySelector(".cursor path").getBoundingClientRect().left;
  const pane = run.pane.querySelector(".scroll").getBoundingClientRect();
  const names = run.pane.querySelector(".names").getBoundingClientRect().right;
  if (here < names + 20 || here > pane.right - 60)
    run.pane.querySelector(".scroll").scrollLeft += here - (names + pane.right) / 2;
}

function clear() {
  for (const part of all("g.cursor, .here")) part.remove();
  for (const part of lit) part.classList.remove("lit", "left", "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7");
  for (const part of all("[aria-current]")) part.removeAttribute("aria-current");
  lit = [];
}

function place(number, at) {
  clear();
  cursor = { number, at };
  const run = runs[number];
  const row = run.rows[at];
  row.setAttribute("aria-current", "step");
  drawCursor(run, row);
  const items = standing(run, at).map(({ name, colour, line, stays }) => {
    const state = stays ? "" : " left";
    line.className += line.classList.contains("lit") ? "" : ` lit ${colour}${state}`;
    lit.push(line);
    line.cells[2].prepend(html("span", `here ${colour}${state}`, name));
    const code = line.cells[1].firstChild.cloneNode(true);
    return html("li", colour + state, html("b", "", name), " ", html("span", "num", line.cells[0].textContent), " ", code);
  });
  stepper.querySelector(".lines").replaceChildren(...items);
  for (const said of output) {
    if (said.number !== number) continue;
    said.line.classList.toggle("later", said.at > at);
    if (said.at === at) said.line.setAttribute("aria-current", "step");
  }
  stepper.querySelector(".position").textContent = `${at + 1}/${run.rows.length}${runs.length > 1 ? " · " + run.title : ""}`;
  readout.textContent = told(row);
  stepper.hidden = false;
}

// Through one run after the other; at the ends it stays.
function walk(by) {
  const events = [...places.values()];
  if (!events.length) return;
  const now = cursor ? events.findIndex((each) => each.number === cursor.number && each.at === cursor.at) + by : 0;
  const { number, at } = events[Math.min(events.length - 1, Math.max(0, now))];
  place(number, at);
}

// To the first or the last event of all; its run is brought into sight.
function jump(by) {
  walk(by);
  runs[cursor.number].pane.scrollIntoView({ block: "center", behavior: "instant" });
}

function goTo(id) {
  const found = places.get(id);
  if (found) place(found.number, found.at);
  return Boolean(found);
}

function leave() {
  if (!stepper) return;
  clear();
  for (const { line } of output) line.classList.remove("later");
  cursor = null;
  stepper.hidden = true;
}

// What a click in the drawing means: the last event of that lane so far to the left.
function clicked(run, number, event) {
  const mark = event.target.closest("a");
  if (mark) {
    if (mark.classList.contains("mark") && goTo(mark.getAttribute("href").slice(1))) event.preventDefault();
    return;
  }
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(run.drawing.getScreenCTM().inverse());
  const lane = run.lanes.find((each) => Math.abs(each.y - point.y) <= 12);
  if (!lane) return;
  const mine = run.rows.filter((row) => row.dataset.p === lane.p);
  const row = mine.findLast((each) => Number(each.dataset.x) <= point.x + 2) || mine[0];
  if (row) goTo(row.id);
}

// The next event at that line, and after the last one the first.
function followLine(event) {
  const line = event.target.closest("tr");
  if (!line || event.target.closest("a") || String(getSelection())) return;
  const { rows } = runs[cursor?.number ?? 0];
  const here = rows.filter((row) => row.dataset.l === line.id);
  const row = here.find((each) => cursor && places.get(each.id).at > cursor.at) || here[0];
  if (row) goTo(row.id);
}

function tell(event) {
  const title = event.target.closest(".timeline :has(> title)")?.querySelector("title");
  if (!title || cursor) return;
  readout.textContent = title.textContent;
  stepper.hidden = false;
}

runs.forEach((run, number) => {
  run.drawing.addEventListener("pointerover", tell);
  run.pane.addEventListener("pointerdown", (down) => { run.from = run.pane.querySelector(".scroll").scrollLeft - down.clientX; });
  run.pane.addEventListener("click", (event) => {
    const moved = run.pane.querySelector(".scroll").scrollLeft - event.clientX - run.from;
    if (!event.target.closest("summary") && Math.abs(moved) < 4) clicked(run, number, event);
  });
  run.pane.querySelector(".names").append(...run.lanes.map((lane) =>
    node("rect", { x: 1, y: lane.y - 9, width: 5, height: 18, rx: 2, class: `swatch ${lane.colour}` })));
  for (const row of run.rows) if (row.dataset.l) document.getElementById(row.dataset.l)?.classList.add("reached");
});
for (const table of all(".source")) if (runs.length) table.addEventListener("click", followLine);
for (const { line, number } of output)
  line.addEventListener("click", (event) => { if (number !== undefined && goTo(line.querySelector("a").hash.slice(1))) event.preventDefault(); });
for (const button of all("[data-step]")) button.addEventListener("click", () => walk(Number(button.dataset.step)));
for (const button of all("[data-leave]")) button.addEventListener("click", leave);
addEventListener("hashchange", followAddress);
addEventListener("load", followAddress);
followAddress();
