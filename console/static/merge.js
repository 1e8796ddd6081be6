// Put changed rows into a table that the user looks at, without touching what stays the same.

export function replace(selector, page) {
  const [now, next] = [document.querySelector(selector), page.querySelector(selector)];
  if (now.textContent === next.textContent) return;
  const open = new Set([...now.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent));
  for (const folded of next.querySelectorAll("details")) folded.open = open.has(folded.firstElementChild.textContent);
  now.replaceWith(next);
}

// rows: the new rows; replaced: the ids of the rows that they replace. The newest rows stay, up to the limit.
export function merge(table, rows, replaced, most) {
  const ids = new Set(rows.map((row) => row.id));
  for (const row of [...table.rows]) if (replaced.has(row.id) && !ids.has(row.id)) row.remove();
  for (const row of rows) {
    const known = document.getElementById(row.id);
    if (known) update(row);
    if (known && known.dataset.started === row.dataset.started) continue;
    const started = BigInt(row.dataset.started);
    const next = [...table.rows].find((one) => one !== known && BigInt(one.dataset.started) < started);
    if (!known) row.classList.add("arriving");
    else known.dataset.started = row.dataset.started;
    table.insertBefore(known ?? row, next ?? null);
  }
  while (table.rows.length > most) table.rows[table.rows.length - 1].remove();
}

// Cell by cell, so that a row keeps the focus.
export function update(row) {
  const cells = document.getElementById(row.id)?.cells ?? [];
  for (const [number, cell] of [...cells].entries()) {
    const next = row.cells[number];
    if (cell.innerHTML !== next.innerHTML) cell.replaceChildren(...next.cloneNode(true).childNodes);
    cell.className = next.className;
  }
}
