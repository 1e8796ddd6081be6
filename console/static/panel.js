// The panel with the selected row's details, fetched when the row is selected. In a narrow window it is a sheet that closes.

import { localise } from "./times.js";

export class Panel {
  constructor(address) {
    this.address = address;
    this.known = new Map();
    this.panel = document.querySelector(".panel");
    this.place = document.getElementById("detail");
    this.key = this.place.querySelector(".detail")?.dataset.key;
    if (this.key) this.known.set(this.key, this.place.innerHTML);
    const button = document.getElementById("close-panel");
    button.hidden = false;
    button.addEventListener("click", () => this.close());
    if (new URLSearchParams(location.search).has("row")) this.panel.classList.add("opened");
  }

  async show(key, row) {
    this.key = key;
    const address = new URL(location.href);
    address.searchParams.set("row", key);
    history.replaceState(null, "", address);
    this.panel.classList.add("opened");
    if (!this.known.has(key)) {
      const response = await fetch(`${this.address}/rows/${key}`);
      if (response.ok) this.known.set(key, await response.text());
    }
    if (this.key !== key) return; // Another was selected meanwhile.
    this.place.innerHTML = this.known.get(key) ?? "";
    localise(this.place);
    this.panel.scrollTop = 0;
    this.mark();
    this.keepClearOf(row);
  }

  // Scroll the row into view, and not under the sheet if the panel is one.
  keepClearOf(row) {
    const box = row?.getBoundingClientRect();
    if (!box) return;
    const isSheet = getComputedStyle(this.panel).position === "fixed";
    const bottom = isSheet ? this.panel.getBoundingClientRect().top : innerHeight;
    if (box.bottom > bottom) scrollBy(0, box.bottom - bottom + 2 * box.height);
    else if (box.top < 0) scrollBy(0, box.top - 2 * box.height);
  }

  close() {
    this.panel.classList.remove("opened");
  }

  // The log lines of the selected span, and the selected line.
  mark() {
    const span = this.place.querySelector(".detail")?.dataset.id;
    for (const line of document.querySelectorAll(".lines tr[data-line]")) {
      line.classList.toggle("of-span", Boolean(span) && line.dataset.span === span);
      line.classList.toggle("chosen", line.dataset.line === this.key);
    }
    for (const tick of document.querySelectorAll(".tick")) tick.classList.toggle("chosen", tick.dataset.row === this.key);
  }
}
