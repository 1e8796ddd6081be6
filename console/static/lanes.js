// The services, each with a colour and a button that hides or shows its rows; and the ticks of the log lines.
import { length } from "./axis.js";

const COLOURS = 10; // As many as console.css has: .c0 to .c9.
const OF_XRAY = 1; // The colour of X-Ray's first.
const MAX_TICKS = 400;

export function startLanes(given, tree, changed) {
  const taken = given.some(([, isXray]) => isXray) ? [OF_XRAY] : [];
  let next = 0;
  let firstOfXray = true;
  const lanes = given.map(([name, isXray]) => {
    if (isXray && firstOfXray) {
      firstOfXray = false;
      return { name, isXray, colour: OF_XRAY };
    }
    while (taken.includes(next)) next += 1;
    next += 1;
    return { name, isXray, colour: (next - 1) % COLOURS };
  });
  const list = document.querySelector(".lanes");
  for (const [number, lane] of lanes.entries()) {
    const button = document.createElement("button");
    const swatch = document.createElement("span");
    button.type = "button";
    button.className = "quiet";
    button.setAttribute("aria-pressed", "true");
    swatch.className = `swatch c${lane.colour}`;
    button.append(swatch, (lane.isXray ? "X-Ray: " : "") + (lane.name || "without a name"));
    button.addEventListener("click", () => {
      const hide = !tree.hiddenLanes.has(number);
      tree.hiddenLanes[hide ? "add" : "delete"](number);
      button.setAttribute("aria-pressed", String(!hide));
      changed();
    });
    const item = document.createElement("li");
    item.append(button);
    list.append(item);
  }
  const forMap = () => {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    return { lanes: lanes.map((lane) => of(`--c${lane.colour}`)), bad: of("--bad"), shade: of("--shade") };
  };
  return { lanes, forMap };
}

export function drawLines(lines, axis) {
  const lane = document.querySelector(".row.lane");
  lane.hidden = lines.length === 0;
  const every = Math.ceil(lines.length / MAX_TICKS);
  const ticks = lines.filter(([, , , failed], number) => failed || number % every === 0).map(([key, at, name, failed]) => {
    const tick = document.createElement("a");
    tick.href = `?row=${key}`;
    tick.dataset.row = key;
    tick.className = failed ? "tick failed" : "tick";
    tick.tabIndex = -1;
    tick.title = `${name}, at ${length(at)}`;
    tick.setAttribute("aria-label", `Log line: ${name}`);
    tick.style.left = `${axis.percent(at)}%`;
    tick.hidden = axis.percent(at) < 0 || axis.percent(at) > 100;
    return tick;
  });
  lane.querySelector(".track").replaceChildren(...ticks);
}
