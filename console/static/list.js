// The list, live: /live says that something changed, and the server makes the rows, since it knows the filters.
import { onKeys, rememberList } from "./keys.js";

const PAUSE_MS = 300; // Between two looks: a busy API changes rows all the time.
const RECONNECT_MS = 5000;
const AT_TOP = 40; // Pixels: who has scrolled further is reading.

const list = document.getElementById("list");
const live = document.getElementById("live");
const fresh = document.getElementById("new");
const filters = document.querySelector(".filters");
// What tells of a mistake, in an id or a file, stands at another address, and has the list without a filter.
const address = location.pathname === new URL(filters.action).pathname ? location.href : filters.action;

let paused = false;
let lost = false;
let changed = false;
let looking = false;
let source = null;

function state() {
  live.textContent = paused ? "paused" : lost ? "reconnecting" : "live";
  live.setAttribute("aria-pressed", String(!paused));
  live.classList.toggle("lost", lost && !paused);
}

async function look() {
  if (looking) return;
  looking = true;
  while (changed && !paused) {
    changed = false;
    try {
      const response = await fetch(address);
      if (response.ok) show(new DOMParser().parseFromString(await response.text(), "text/html"));
    } catch {
      // The console stopped; the stream of events says when it is back.
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  looking = false;
}

function show(page) {
  for (const part of ["#totals", "#findings", "footer"]) replace(part, page);
  const [now, next] = [list.querySelector("tbody"), page.querySelector("#list tbody")];
  if (!now || !next) {
    list.replaceChildren(...page.getElementById("list").childNodes);
    return;
  }
  const newer = [...next.rows].filter((row) => !document.getElementById(row.id));
  const reading = scrollY > AT_TOP;
  fresh.hidden = !reading || newer.length === 0;
  fresh.textContent = `${newer.length} new`;
  if (reading) {
    for (const row of next.rows) update(row);
  } else {
    merge(now, next);
    const [older, nextOlder] = [list, page].map((within) => within.querySelector("#older"));
    older.hidden = nextOlder.hidden;
    older.href = nextOlder.href;
  }
}

function replace(selector, page) {
  const [now, next] = [document.querySelector(selector), page.querySelector(selector)];
  if (now.textContent === next.textContent) return;
  const open = new Set([...now.querySelectorAll("details[open] summary")].map((summary) => summary.textContent));
  for (const folded of next.querySelectorAll("details")) folded.open = open.has(folded.firstElementChild.textContent);
  now.replaceWith(next);
}

function merge(now, next) {
  const ids = new Set([...next.rows].map((row) => row.id));
  for (const row of [...now.rows]) if (!ids.has(row.id)) row.remove();
  let place = now.rows[0];
  for (const row of [...next.rows]) {
    if (place?.id === row.id) {
      place = place.nextElementSibling;
      update(row);
    } else {
      const moved = document.getElementById(row.id);
      if (!moved) row.classList.add("arriving");
      now.insertBefore(moved ?? row, place ?? null);
    }
  }
}

// Cell by cell, so that a row in focus stays so.
function update(row) {
  const cells = document.getElementById(row.id)?.cells ?? [];
  for (const [number, cell] of [...cells].entries()) {
    const next = row.cells[number];
    if (cell.innerHTML !== next.innerHTML) cell.replaceChildren(...next.cloneNode(true).childNodes);
    cell.className = next.className;
  }
}

// A browser has six connections to a host, and a stream takes one: a page has it only while it is seen.
function listen() {
  if (source || document.visibilityState === "hidden") return;
  const stream = new EventSource("/live");
  source = stream;
  const noted = () => {
    changed = true;
    look();
  };
  stream.addEventListener("trace", noted);
  stream.addEventListener("skipped", noted);
  stream.addEventListener("open", () => {
    lost = false;
    state();
    noted(); // What came between the page and the stream.
  });
  stream.addEventListener("error", () => {
    lost = true;
    state();
    if (stream.readyState !== EventSource.CLOSED) return;
    source = null;
    setTimeout(listen, RECONNECT_MS);
  });
}

function leave() {
  source?.close();
  source = null;
}

function pause() {
  paused = !paused;
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
  changed = true;
  look();
});
addEventListener("scroll", () => {
  if (scrollY <= AT_TOP && !fresh.hidden) fresh.click();
}, { passive: true });
filters.addEventListener("change", () => filters.requestSubmit());
filters.addEventListener("formdata", (event) => {
  // A URL that says what it filters by, and no more.
  for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
});

onKeys({
  j: () => move(1),
  k: () => move(-1),
  "/": () => filters.elements.text.select(),
  p: pause,
});
// Each time that it is shown: the browser may have kept the page for its Back button.
addEventListener("pageshow", () => rememberList(address));
if (list.dataset.newest === "yes") {
  live.hidden = false;
  live.addEventListener("click", pause);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? leave() : listen()));
  addEventListener("pagehide", leave);
  addEventListener("pageshow", listen); // Again, where the browser kept the page for its Back button.
  listen();
}
