// The list, live: /live says which requests changed. The server renders their rows, because it applies the filters.
import { filters } from "./bar.js";
import { onKeys, rememberList } from "./keys.js";
import { Listener } from "./listener.js";
import { merge, replace, update } from "./merge.js";
import { localise } from "./times.js";

const PAUSE_MS = 300; // Between two looks: a busy API changes rows all the time.
const WHOLE_MS = 10_000; // Between two looks at all of the page: its findings and its totals.
const AT_TOP = 40; // Pixels: who has scrolled further is reading.
const ROWS = 100;
const MOST_IDS = 60; // That an address has room for; with more changes, most of the page has changed.

const list = document.getElementById("list");
const live = document.getElementById("live");
const fresh = document.getElementById("new");
// A page that reports a mistake in an id or a file has another address, and shows the list without filters.
const address = location.pathname === new URL(filters.action).pathname ? location.href : filters.action;

let paused = false;
let looking = false;
let whole = false; // Whether all of the page is to be looked at.
let wholeAt = performance.now();
let timer = 0;
const changed = new Set();
const waiting = new Set(); // The ids of rows that a scrolled page does not show yet.

function state() {
  live.textContent = paused ? "paused" : listener.lost ? "reconnecting" : "live";
  live.setAttribute("aria-pressed", String(!paused));
  live.classList.toggle("lost", listener.lost && !paused);
}

async function look() {
  if (looking) return;
  looking = true;
  while ((changed.size > 0 || whole) && !paused) {
    try {
      if (whole || changed.size > MOST_IDS || !list.querySelector("tbody")) await lookAtAll();
      else await lookAtChanged();
    } catch {
      // The console stopped; the stream of events says when it is back.
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  looking = false;
}

async function lookAtAll() {
  [whole, wholeAt] = [false, performance.now()];
  changed.clear();
  const response = await fetch(address);
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  localise(page);
  for (const part of ["#totals", "#findings"]) replace(part, page);
  const [now, next] = [list.querySelector("tbody"), page.querySelector("#list tbody")];
  if (!now || !next) {
    list.replaceChildren(...page.getElementById("list").childNodes);
    return;
  }
  const older = page.querySelector("#older");
  show([...next.rows], new Set([...now.rows].map((row) => row.id)), () => {
    const link = list.querySelector("#older");
    link.hidden = older.hidden;
    link.href = older.href;
  });
}

async function lookAtChanged() {
  const ids = [...changed];
  changed.clear();
  const rowsAddress = new URL("/rows", address);
  rowsAddress.search = new URL(address).search;
  rowsAddress.searchParams.set("changed", ids.join(","));
  const response = await fetch(rowsAddress);
  if (!response.ok) return;
  const body = document.createElement("template");
  body.innerHTML = `<table><tbody>${await response.text()}</tbody></table>`;
  localise(body.content);
  const rows = [...body.content.querySelectorAll("tr")];
  // A requested id without a row no longer passes the filters.
  show(rows, new Set(ids.map((id) => `t${id}`)));
  clearTimeout(timer);
  timer = setTimeout(() => {
    whole = true;
    look();
  }, Math.max(WHOLE_MS - (performance.now() - wholeAt), 0));
}

// rows: the new rows. replaced: the ids of the rows that they replace.
function show(rows, replaced, done = () => {}) {
  const newer = rows.filter((row) => !document.getElementById(row.id));
  const reading = scrollY > AT_TOP;
  if (reading) {
    for (const row of newer) waiting.add(row.id);
    fresh.hidden = waiting.size === 0;
    fresh.textContent = `${waiting.size} new`;
    for (const row of rows) update(row);
    return;
  }
  waiting.clear();
  fresh.hidden = true;
  merge(list.querySelector("tbody"), rows, replaced, ROWS);
  done();
}

const listener = new Listener({
  changed: (id) => {
    changed.add(id);
    look();
  },
  all: () => {
    whole = true;
    look();
  },
  state,
});

function pause() {
  paused = !paused;
  whole ||= !paused;
  state();
  look();
}

function move(step) {
  const links = [...list.querySelectorAll(".route a")];
  const at = links.indexOf(document.activeElement);
  const to = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
  links[to]?.focus();
}

fresh.addEventListener("click", () => {
  fresh.hidden = true;
  scrollTo(0, 0);
  whole = true;
  look();
});
addEventListener("scroll", () => {
  if (scrollY <= AT_TOP && !fresh.hidden) fresh.click();
}, { passive: true });

onKeys({
  j: () => move(1),
  k: () => move(-1),
  "/": () => filters.elements.text.select(),
  p: pause,
});
// This runs each time that the page is shown: the browser may have kept the page for its Back button.
addEventListener("pageshow", () => rememberList(address));
if (list.dataset.newest === "yes") {
  live.hidden = false;
  live.addEventListener("click", pause);
  listener.start();
}
