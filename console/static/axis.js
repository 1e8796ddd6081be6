// The time axis: the part of the request that is shown, its scale, and above it a small map of the whole request.

const MINIMAP_ROWS = 3000; // More can't be distinguished on so few pixels.
const MINIMAP_ROW = 9; // Pixels, at most.
const LABEL = 46; // The most pixels that a time on the scale takes.
const ZERO = 14; // The pixels that 0 takes.
const DRAG = 4; // Pixels; a shorter drag is a click.

export function length(ns) {
  for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]]) {
    if (ns >= size) return `${(ns / size).toPrecision(3).replace(/\.0+$/, "")} ${unit}`;
  }
  return `${Math.round(ns)} ns`;
}

function roundStep(span, most) {
  const power = 10 ** Math.floor(Math.log10(span / most));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => span / step <= most && step <= span) ?? power;
}

export class Axis {
  constructor(total, scale, minimap, changed) {
    this.total = Math.max(total, 1);
    [this.from, this.to] = [0, this.total];
    this.scale = scale;
    this.minimap = minimap;
    this.changed = changed;
    this.#drag();
  }

  percent(at) {
    return ((at - this.from) / (this.to - this.from)) * 100;
  }

  get isZoomed() {
    return this.from > 0 || this.to < this.total;
  }

  zoom(from, to) {
    const least = Math.max(this.total / 1e6, 10);
    const middle = (from + to) / 2;
    const half = Math.max((to - from) / 2, least / 2);
    [this.from, this.to] = [Math.max(0, middle - half), Math.min(this.total, middle + half)];
    this.changed();
  }

  reset() {
    this.zoom(0, this.total);
  }

  drawScale() {
    const step = roundStep(this.to - this.from, Math.min(Math.max(this.scale.clientWidth / LABEL, 1), 8));
    const ticks = [];
    let free = 0; // Pixels, from where on there is room.
    for (let at = Math.ceil(this.from / step) * step; at <= this.to && ticks.length < 12; at += step) {
      const tick = document.createElement("span");
      tick.style.left = `${this.percent(at)}%`;
      tick.textContent = at === 0 ? "0" : length(at);
      // A text that would not fit before the axis ends is written to the left of its place, if there is room.
      const [left, wide] = [(this.percent(at) / 100) * this.scale.clientWidth, this.scale.clientWidth];
      const isLast = wide - left < LABEL;
      if (isLast && left - LABEL < free) break;
      tick.classList.toggle("last", isLast);
      free = left + (at === 0 ? ZERO : LABEL);
      ticks.push(tick);
    }
    this.scale.replaceChildren(...ticks);
  }

  drawMinimap(nodes, colours) {
    const { minimap } = this;
    const ratio = devicePixelRatio || 1;
    const [wide, high] = [minimap.clientWidth, minimap.clientHeight];
    minimap.width = wide * ratio;
    minimap.height = high * ratio;
    const pen = minimap.getContext("2d");
    pen.scale(ratio, ratio);
    const every = Math.ceil(nodes.length / MINIMAP_ROWS);
    const step = Math.min(high / nodes.length, MINIMAP_ROW); // A few rows don't fill it.
    const tall = Math.max(step * every, 1);
    nodes.forEach(({ row, bad }, number) => {
      if (number % every && !bad) return;
      const left = (row.start / this.total) * wide;
      const width = Math.max((Math.max(row.length, 0) / this.total) * wide, 1);
      pen.fillStyle = bad ? colours.bad : (colours.lanes[row.lane] ?? colours.bad);
      pen.fillRect(left, number * step, width, bad ? Math.max(tall, 2) : tall);
    });
    if (!this.isZoomed) return;
    pen.fillStyle = colours.shade;
    const [left, right] = [(this.from / this.total) * wide, (this.to / this.total) * wide];
    pen.fillRect(0, 0, left, high);
    pen.fillRect(right, 0, wide - right, high);
  }

  // A drag over the small map, or over the scale, selects the part to zoom to.
  #drag() {
    for (const [area, whole] of [[this.minimap, true], [this.scale, false]]) {
      area.addEventListener("pointerdown", (down) => {
        const box = area.getBoundingClientRect();
        const [from, to] = whole ? [0, this.total] : [this.from, this.to];
        const timeAt = (event) => from + (Math.min(Math.max(event.clientX - box.left, 0), box.width) / box.width) * (to - from);
        area.setPointerCapture(down.pointerId);
        area.addEventListener("pointerup", (up) => {
          if (Math.abs(up.clientX - down.clientX) < DRAG) return;
          const times = [timeAt(down), timeAt(up)].sort((a, b) => a - b);
          this.zoom(...times);
        }, { once: true });
      });
    }
  }
}
