// One row of the timeline: its name, its bar with its events, and its duration.
import { length } from "./axis.js";
import { hasFailed } from "./tree.js";

const STEP = 12; // Pixels of indentation a level, where there is room.
const MOST_BARS = 300; // Of a group of repeats.
const KINDS = ["span", "segment", "subsegment", "exception"];
const [FAILED, ERRED, OPEN, CRITICAL, LINKS, ODD, MESSAGE] = [1, 2, 4, 8, 16, 32, 64];
const ITEM = 3;

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function symbol(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", `symbol ${name}`);
  svg.setAttribute("aria-hidden", "true");
  for (const side of ["width", "height"]) svg.setAttribute(side, "12");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

export class Drawer {
  constructor(tree, axis, lanes) {
    this.tree = tree;
    this.axis = axis;
    this.lanes = lanes;
    this.hasServices = new Set(lanes.map((lane) => lane.name)).size > 1;
    this.deepest = tree.rows.reduce((most, row) => Math.max(most, row.depth), 1);
  }

  row(node) {
    const made = element("li", "row");
    made.dataset.key = node.key;
    made.append(this.#label(node, node.depth), this.#track(node.repeats ?? [node.row]), this.#number(node));
    return made;
  }

  #label(node, depth) {
    const { row, repeats } = node;
    const label = element("span", "label");
    const room = innerWidth < 600 ? 40 : 130;
    label.style.paddingLeft = `${Math.min(STEP, room / this.deepest) * depth}px`;
    if (this.tree.canFold(node)) {
      const folded = this.tree.isFolded(node);
      const fold = element("button", "fold", folded ? "▸" : "▾");
      fold.type = "button";
      fold.setAttribute("aria-expanded", String(!folded));
      fold.setAttribute("aria-label", `${row.name}, what is under it`);
      label.append(fold);
    } else {
      label.append(element("span", "fold"));
    }
    const failed = repeats ? hasFailed(node) : row.flags & FAILED;
    if (failed || row.flags & ERRED) label.append(symbol(failed ? "failed" : "erred"));
    const link = element("a", "text");
    link.href = `?row=${row.key}`;
    link.dataset.row = row.key;
    const state = failed ? (row.kind === 0 ? "failed " : "fault ") : row.flags & ERRED ? "error " : "";
    link.append(element("span", "unseen", `${row.flags & MESSAGE ? "message" : KINDS[row.kind]} ${row.kind === ITEM ? "" : state}`));
    const lane = this.lanes[row.lane];
    if (lane && this.hasServices && lane.name !== row.name) link.append(element("span", "service", `${lane.name} `));
    link.append(row.kind === ITEM ? `Rollbar: ${row.name}` : row.name);
    if (row.flags & LINKS) link.append(element("span", "muted", " ⤳"));
    link.title = row.name;
    label.append(link);
    if (repeats) label.append(element("span", "times", `× ${repeats.length}`));
    return label;
  }

  #track(rows) {
    const track = element("span", "track");
    track.setAttribute("aria-hidden", "true");
    for (const row of rows.slice(0, MOST_BARS)) {
      if (row.kind !== ITEM) track.append(this.#bar(row));
      for (const [at, name, isException] of row.marks) {
        if (rows.length > 1 && !isException) continue; // Of many rows in one, those that matter.
        const mark = element("i", isException ? "dot exception" : "dot");
        mark.style.left = `${this.axis.percent(at)}%`;
        mark.title = `${name}, at ${length(at)}`;
        track.append(mark);
      }
      if (row.kind === ITEM) track.append(...this.#item(row));
    }
    return track;
  }

  #bar(row) {
    const bar = element("span", `bar c${this.lanes[row.lane]?.colour ?? 0}`);
    const end = row.flags & OPEN ? this.axis.total : row.start + Math.max(row.length, 0);
    const [left, right] = [row.start, end].map((at) => Math.min(Math.max(this.axis.percent(at), -1), 101));
    bar.style.left = `${left}%`;
    bar.style.width = `${right - left}%`;
    bar.classList.toggle("open", Boolean(row.flags & OPEN));
    bar.classList.toggle("critical", Boolean(row.flags & CRITICAL));
    bar.classList.toggle("odd", Boolean(row.flags & ODD));
    return bar;
  }

  // Rollbar receives whole seconds. If no other record has the exact time, the item is drawn as a line.
  #item(row) {
    const [from, to] = [row.start, row.start + Math.max(row.length, 0)].map((at) => this.axis.percent(at));
    const kind = row.flags & MESSAGE ? `message${row.flags & FAILED ? " failed" : ""}` : "exception";
    const mark = element("i", `dot ${kind}`);
    mark.style.left = `${(from + to) / 2}%`;
    if (row.length <= 0) return [mark];
    const line = element("i", "sometime");
    line.style.left = `${from}%`;
    line.style.width = `${to - from}%`;
    return [line, mark];
  }

  #number({ row, repeats }) {
    if (repeats) return element("span", "number", length(repeats.reduce((sum, one) => sum + Math.max(one.length, 0), 0)));
    const state = row.kind === ITEM ? "" : row.length < 0 ? "never ended" : length(row.length);
    const number = element("span", "number", state);
    if (row.length >= 0 && row.self !== row.length) number.title = `self time ${length(row.self)}`;
    return number;
  }
}
