// One request: rows are chosen, found and followed without leaving the place.
import { follow, onKeys, upToList } from "./keys.js";

const LOOK_AGAIN_MS = 2000;

const panel = document.querySelector(".panel");
const find = document.getElementById("find");
const finds = document.getElementById("finds");
const links = [...document.querySelectorAll("[data-selects]")];
const rows = links.filter((link) => link.matches(".rows a, .lines a"));
let hits = [];

function keyOf(link) {
  return link.getAttribute("href").slice(1);
}

function choose(key) {
  const detail = document.getElementById(key);
  if (!detail?.classList.contains("detail")) return;
  for (const one of document.querySelectorAll(".chosen")) one.classList.remove("chosen");
  detail.classList.add("chosen");
  panel.scrollTop = 0;
  toTheCause(detail);
  for (const link of rows) {
    const chosen = keyOf(link) === key;
    (link.closest(".lines tr") ?? link).classList.toggle("chosen", chosen);
    if (chosen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  for (const link of document.querySelectorAll(".lane a")) link.classList.toggle("chosen", keyOf(link) === key);
  const span = detail.querySelector(".swatch.span") && detail.dataset.id;
  for (const line of document.querySelectorAll(".lines tr[data-span]")) {
    line.classList.toggle("of-span", Boolean(span) && line.dataset.span === span);
  }
}

// A stack ends with what raised.
function toTheCause(within) {
  for (const stack of within.querySelectorAll(".stack")) stack.scrollTop = stack.scrollHeight;
}

function select(key) {
  history.replaceState(null, "", `#${key}`);
  choose(key);
}

function move(step) {
  const at = rows.findIndex((link) => link.hasAttribute("aria-current"));
  const row = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  if (!row) return;
  row.focus();
  select(keyOf(row));
}

// What a row is found by is all that is told of it.
function search() {
  const text = find.value.trim().toLowerCase();
  hits = [];
  for (const link of rows) {
    const told = `${link.textContent} ${document.getElementById(keyOf(link))?.textContent ?? ""}`.toLowerCase();
    const hit = text !== "" && told.includes(text);
    (link.closest(".lines tr") ?? link).classList.toggle("dim", text !== "" && !hit);
    if (hit) hits.push(link);
  }
  finds.textContent = text ? `${hits.length} of ${rows.length}` : "";
}

function nextHit() {
  if (hits.length === 0) return;
  const at = hits.findIndex((link) => link.hasAttribute("aria-current"));
  const hit = hits[(at + 1) % hits.length];
  hit.scrollIntoView({ block: "nearest" });
  select(keyOf(hit));
}

// While marks are expected, look whether more has come; a reload keeps the place and the choice.
async function lookAgain() {
  const tabs = document.querySelector(".tabs");
  if (tabs.dataset.expected !== "yes") return;
  await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  try {
    const response = await fetch(location.href);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const next = page.querySelector(".tabs");
    if (next && next.dataset.version !== tabs.dataset.version) location.reload();
    else lookAgain();
  } catch {
    // The console stopped: what is shown stays right.
  }
}

toTheCause(document);
if (panel) {
  panel.classList.add("scripted");
  find.hidden = false;
  find.addEventListener("input", search);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") nextHit();
  });
  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      select(keyOf(link));
    });
  }
  addEventListener("hashchange", () => choose(location.hash.slice(1)));
  choose(document.getElementById(location.hash.slice(1)) ? location.hash.slice(1) : "r0");
}

onKeys({
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  "/": () => find?.select(),
  "[": () => follow("older-error"),
  "]": () => follow("newer-error"),
  c: () => follow("compare"),
  u: upToList,
});
lookAgain();
