// The page of one request: select, search and follow rows without loading another page.
import { Axis } from "./axis.js";
import { follow, onKeys, upToList } from "./keys.js";
import { startLanes, drawLines } from "./lanes.js";
import { Panel } from "./panel.js";
import { Rows } from "./rows.js";
import { Tree } from "./tree.js";
import { keepUpToDate } from "./uptodate.js";

const SEARCH_PAUSE_MS = 150;

const page = document.querySelector(".request");

function start() {
  const data = JSON.parse(document.getElementById("waterfall").textContent);
  for (const part of document.querySelectorAll(".timeline [hidden]:not(#reset)")) part.hidden = false;
  const tree = new Tree(data);
  const colours = startLanes(data.lanes, tree, () => refresh());
  const reset = document.getElementById("reset");
  const minimap = document.querySelector(".minimap");
  const axis = new Axis(data.length_ns, document.querySelector(".scale .track"), minimap, () => refresh());
  const rows = new Rows(document.querySelector(".scroller"), tree, axis, colours.lanes);
  const panel = new Panel(page.dataset.address);
  const find = document.getElementById("find");
  const finds = document.getElementById("finds");
  const fold = document.getElementById("fold");
  let hits = [];
  let at = -1;

  const reports = (node) => (node.repeats ?? [node.row]).some((row) => tree.reporting.has(row));

  function refresh() {
    rows.refresh();
    axis.drawScale();
    drawLines(data.lines, axis);
    axis.drawMinimap(rows.nodes.map((node) => ({ row: node.row, bad: reports(node) })), colours.forMap());
    reset.hidden = !axis.isZoomed;
  }

  function select(key, focus = false) {
    const row = tree.byKey.get(key);
    if (row && rows.placeOf(key) < 0) {
      tree.reveal(row);
      refresh();
    }
    rows.select(key);
    rows.show(key);
    if (focus) rows.drawn.get(key)?.querySelector("a").focus({ preventScroll: true });
    panel.show(key, rows.drawn.get(key));
  }

  function move(step) {
    const place = rows.placeOf(rows.selected);
    const node = rows.nodes[Math.min(Math.max(place + step, 0), rows.nodes.length - 1)];
    if (!node) return;
    if (!node.repeats) return select(node.key, true);
    // The panel can't show a group, so select the group's first row.
    rows.select(node.key);
    rows.show(node.key);
    rows.drawn.get(node.key)?.querySelector("a").focus({ preventScroll: true });
  }

  function nextError(step) {
    if (tree.errors.length === 0) return;
    at = at < 0 && step < 0 ? tree.errors.length - 1 : (at + step + tree.errors.length) % tree.errors.length;
    select(tree.errors[at].key, true);
  }

  function foldSelected(folded) {
    const node = rows.nodes[rows.placeOf(rows.selected)];
    if (!node) return;
    tree.fold(node, folded);
    refresh();
    rows.show(node.key);
  }

  function zoomToSelected() {
    const row = tree.byKey.get(rows.selected);
    if (row && row.length > 0) axis.zoom(row.start - row.length * 0.05, row.start + row.length * 1.05);
  }

  async function search() {
    const text = find.value.trim();
    if (!text) {
      [hits, tree.found] = [[], null];
      finds.textContent = "";
      return refresh();
    }
    const response = await fetch(`${page.dataset.address}/find?text=${encodeURIComponent(text)}`);
    if (!response.ok || find.value.trim() !== text) return undefined;
    const { keys } = await response.json();
    hits = tree.find(keys).map((row) => row.key);
    hits.push(...keys.filter((key) => key.startsWith("line.")));
    finds.textContent = `${keys.length} of ${tree.rows.length + data.lines.length}`;
    rows.scroller.scrollTop = 0;
    return refresh();
  }

  document.addEventListener("click", (event) => {
    const [button, link] = [event.target.closest(".rows .fold[aria-expanded]"), event.target.closest("[data-row]")];
    const row = event.target.closest(".rows .row");
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link || button || row) event.preventDefault();
    const node = row && rows.nodes[rows.placeOf(row.dataset.key)];
    if (button || node?.repeats) {
      tree.fold(node, !tree.isFolded(node));
      refresh();
    } else if (link || row) {
      select(link?.dataset.row ?? row.dataset.key);
    }
  });
  let timer = 0;
  find.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, SEARCH_PAUSE_MS);
  });
  find.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || hits.length === 0) return;
    select(hits[(hits.indexOf(panel.key) + 1) % hits.length]);
  });
  fold.addEventListener("click", () => {
    const folded = fold.getAttribute("aria-pressed") !== "true";
    fold.setAttribute("aria-pressed", String(folded));
    fold.textContent = folded ? "Expand all" : "Collapse all";
    tree.foldAll(folded);
    refresh();
  });
  reset.addEventListener("click", () => axis.reset());
  addEventListener("resize", () => refresh());

  refresh();
  const key = panel.key ?? tree.rows[0]?.key;
  if (tree.byKey.has(key) && rows.placeOf(key) < 0) {
    tree.reveal(tree.byKey.get(key));
    refresh();
  }
  rows.select(key);
  rows.show(key);
  panel.mark();
  return {
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    ArrowLeft: () => foldSelected(true),
    ArrowRight: () => foldSelected(false),
    e: () => nextError(1),
    E: () => nextError(-1),
    z: zoomToSelected,
    0: () => axis.reset(),
    Escape: () => panel.close(),
    "/": () => find.select(),
  };
}

onKeys({
  ...(page ? start() : {}),
  "[": () => follow("older-error"),
  "]": () => follow("newer-error"),
  c: () => follow("compare"),
  u: upToList,
});
keepUpToDate();
