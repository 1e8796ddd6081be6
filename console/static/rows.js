// Draw only the rows that are on screen: a request may have thousands.
import { Drawer } from "./row.js";

const ROW = 24; // Pixels, as in console.css.
const SPARE = 8; // Rows above and below what is seen, for smooth scrolling.

export class Rows {
  constructor(scroller, tree, axis, lanes) {
    this.scroller = scroller;
    this.list = scroller.querySelector(".rows");
    this.tree = tree;
    this.drawer = new Drawer(tree, axis, lanes);
    this.drawn = new Map();
    this.selected = null;
    this.refresh();
    let waits = false;
    scroller.addEventListener("scroll", () => {
      if (waits) return;
      waits = true;
      requestAnimationFrame(() => {
        waits = false;
        this.draw();
      });
    }, { passive: true });
  }

  // The visible rows have changed, so all rows move.
  refresh() {
    this.nodes = this.tree.visible();
    this.list.style.height = `${this.nodes.length * ROW}px`;
    const focused = document.activeElement?.closest?.(".rows .row")?.dataset.key;
    for (const row of this.drawn.values()) row.remove();
    this.drawn.clear();
    this.draw();
    if (focused) this.drawn.get(focused)?.querySelector("a").focus({ preventScroll: true });
  }

  draw() {
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / ROW) - SPARE);
    const last = Math.min(this.nodes.length, Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / ROW) + SPARE);
    const wanted = new Set();
    for (let place = first; place < last; place += 1) {
      const node = this.nodes[place];
      wanted.add(node.key);
      if (this.drawn.has(node.key)) continue;
      const row = this.#row(node, place);
      this.drawn.set(node.key, row);
      // Keep the order of the rows, for screen readers.
      const next = [...this.list.children].find((one) => Number(one.getAttribute("aria-posinset")) > place + 1);
      this.list.insertBefore(row, next ?? null);
    }
    for (const [key, row] of this.drawn) {
      if (wanted.has(key) || row.contains(document.activeElement)) continue;
      row.remove();
      this.drawn.delete(key);
    }
    this.mark();
  }

  select(key) {
    this.selected = key;
    this.mark();
  }

  mark() {
    for (const row of this.drawn.values()) {
      const chosen = row.dataset.key === this.selected;
      row.classList.toggle("chosen", chosen);
      row.querySelector("a").toggleAttribute("aria-current", chosen);
    }
  }

  placeOf(key) {
    return this.nodes.findIndex((node) => node.key === key);
  }

  show(key) {
    const place = this.placeOf(key);
    if (place < 0) return;
    const [top, high] = [place * ROW, this.scroller.clientHeight];
    const isSeen = top >= this.scroller.scrollTop && top + ROW <= this.scroller.scrollTop + high;
    if (!isSeen) this.scroller.scrollTop = Math.max(0, top - high / 2);
    this.draw();
  }

  #row(node, place) {
    const made = this.drawer.row(node);
    made.style.top = `${place * ROW}px`;
    made.setAttribute("aria-setsize", this.nodes.length);
    made.setAttribute("aria-posinset", place + 1);
    return made;
  }
}
