// A drag over a chart filters the page by that range of time. A drag over a heatmap compares the selected area.
import "./page.js";

const LEAST = 4; // Pixels: less is a click.

function iso(ns) {
  return new Date(ns / 1e6).toISOString();
}

function visit(address, given) {
  const url = new URL(address, location.href);
  for (const [name, text] of Object.entries(given)) {
    if (text === "") url.searchParams.delete(name);
    else url.searchParams.set(name, text);
  }
  location.assign(url);
}

for (const figure of document.querySelectorAll(".chart")) {
  const plot = figure.querySelector(".plot");
  const output = figure.querySelector("output");
  const { patch } = figure.dataset;
  const edges = (figure.dataset.edges ?? "").split(" ").map(Number);
  const start = Number(figure.dataset.start);
  const step = Number(figure.dataset.step);
  const count = Number(figure.dataset.count);
  const box = document.createElement("div");
  box.className = "dragged";
  let from = null;

  const place = (event) => {
    const area = plot.getBoundingClientRect();
    const within = (part) => Math.min(Math.max(part, 0), 1);
    return { x: within((event.clientX - area.left) / area.width), y: within((event.clientY - area.top) / 100) };
  };
  const timeAt = (x) => start + x * step * count;
  // The selection has whole cells: each that the drag touches.
  const levels = edges.length - 1;
  const edgeAt = (y, round) => edges[Math.min(Math.max(round((1 - y) * levels), 0), levels)];
  const bucketAt = (x, round) => start + Math.min(Math.max(round(x * count), 0), count) * step;

  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    from = place(event);
    plot.setPointerCapture(event.pointerId);
  });
  plot.addEventListener("pointermove", (event) => {
    const at = place(event);
    output.textContent = new Date(timeAt(at.x) / 1e6).toLocaleTimeString() + (patch ? ` ${edgeAt(at.y, Math.floor).toPrecision(3)}` : "");
    if (from === null) return;
    plot.append(box);
    const area = plot.getBoundingClientRect();
    box.style.left = `${Math.min(from.x, at.x) * area.width}px`;
    box.style.width = `${Math.abs(from.x - at.x) * area.width}px`;
    box.style.top = patch ? `${Math.min(from.y, at.y) * 100}px` : "0";
    box.style.height = patch ? `${Math.abs(from.y - at.y) * 100}px` : "100px";
  });
  plot.addEventListener("pointercancel", () => {
    from = null;
    box.remove();
  });
  plot.addEventListener("pointerleave", () => {
    output.textContent = "";
  });
  plot.addEventListener("pointerup", (event) => {
    if (from === null) return;
    const begun = from;
    const at = place(event);
    from = null;
    box.remove();
    const width = plot.getBoundingClientRect().width;
    if (Math.abs(begun.x - at.x) * width < LEAST) return;
    const [left, right] = [begun.x, at.x].sort((a, b) => a - b);
    const [since, until] = [bucketAt(left, Math.floor), bucketAt(right, Math.ceil)].map(iso);
    if (patch) {
      const [upper, lower] = [begun.y, at.y].sort((a, b) => a - b);
      visit(patch, { patch: [since, until, edgeAt(lower, Math.floor), edgeAt(upper, Math.ceil)].join(",") });
    } else {
      visit(location.href, { from: since, to: until, minutes: "" });
    }
  });
}
