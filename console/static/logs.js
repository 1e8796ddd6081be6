// The log lines, live: while the page is visible, it fetches the lines that arrived since the last fetch.
import { filters } from "./bar.js";
import "./charts.js";
import { onKeys, rememberList } from "./keys.js";
import { merge } from "./merge.js";
import { localise } from "./times.js";

const LOOK_MS = 1000;
const MOST = 200;
const AT_TOP = 40; // Pixels: a reader has scrolled further.

const list = document.getElementById("list");
const live = document.getElementById("live");
let paused = false;
let lost = false;
let last = list.dataset.last;

function state() {
  live.textContent = paused ? "paused" : lost ? "reconnecting" : "live";
  live.setAttribute("aria-pressed", String(!paused));
  live.classList.toggle("lost", lost && !paused);
}

async function look() {
  if (!paused && document.visibilityState === "visible" && scrollY <= AT_TOP) {
    try {
      await fetchNew();
      lost = false;
    } catch {
      lost = true; // The console stopped. The next fetch shows whether it runs again.
    }
    state();
  }
  setTimeout(look, LOOK_MS);
}

async function fetchNew() {
  const address = new URL("/logs/rows", location.href);
  address.search = location.search;
  address.searchParams.set("after", last);
  const response = await fetch(address);
  if (!response.ok) throw new Error(String(response.status));
  last = response.headers.get("X-Last-Record");
  const body = document.createElement("template");
  body.innerHTML = `<table><tbody>${await response.text()}</tbody></table>`;
  localise(body.content);
  const rows = [...body.content.querySelectorAll("tr")];
  if (rows.length === 0) return;
  if (!list.querySelector("tbody")) location.reload(); // The first line.
  else merge(list.querySelector("tbody"), rows, new Set(), MOST);
}

function move(step) {
  const links = [...list.querySelectorAll(".event a")];
  const at = links.indexOf(document.activeElement);
  const to = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
  links[to]?.focus();
}

function pause() {
  paused = !paused;
  state();
}

onKeys({
  j: () => move(1),
  k: () => move(-1),
  "/": () => filters.elements.text.select(),
  p: pause,
});
addEventListener("pageshow", () => rememberList(location.href));
if (list.dataset.newest === "yes") {
  live.hidden = false;
  live.addEventListener("click", pause);
  state();
  look();
}
