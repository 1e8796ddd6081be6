// The rows of a request: which are visible when some are collapsed, repeated, filtered or found.

const FAILED = 1;
const LEAST_REPEATS = 5; // So many siblings of one name are one row, until it is opened.

export class Tree {
  constructor(data) {
    this.rows = data.rows.map(([key, kind, depth, parent, lane, name, start, length, flags, self, marks], place) => ({
      key, kind, depth, parent, lane, name, start, length, flags, self, marks, place, children: [],
    }));
    this.roots = [];
    for (const row of this.rows) (row.parent < 0 ? this.roots : this.rows[row.parent].children).push(row);
    this.byKey = new Map(this.rows.map((row) => [row.key, row]));
    this.errors = data.errors.map((place) => this.rows[place]);
    this.reporting = new Set(this.errors);
    this.collapsed = new Set();
    this.opened = new Set(); // Of the groups of repeats, by their keys.
    this.hiddenLanes = new Set();
    this.found = null; // While something is searched for: the rows that have it, and their parents.
  }

  // What is drawn, from the top: {key, row, depth} for a row, and {key, row, depth, repeats} for a group of them.
  visible() {
    const seen = [];
    const waiting = [];
    const push = (rows, depth) => {
      for (const node of this.#siblings(rows, depth).reverse()) waiting.push(node);
    };
    push(this.roots, 0);
    while (waiting.length > 0) {
      const node = waiting.pop();
      const { row, depth, repeats } = node;
      if (repeats) {
        seen.push(node);
        if (this.opened.has(node.key)) for (const one of [...repeats].reverse()) waiting.push({ key: one.key, row: one, depth: depth + 1 });
        continue;
      }
      const isHidden = this.hiddenLanes.has(row.lane);
      if (!isHidden) seen.push(node);
      if (this.found || !this.collapsed.has(row.key)) push(row.children, isHidden ? depth : depth + 1);
    }
    return seen;
  }

  #siblings(rows, depth) {
    if (this.found) return rows.filter((row) => this.found.has(row)).map((row) => ({ key: row.key, row, depth }));
    if (rows.length < LEAST_REPEATS) return rows.map((row) => ({ key: row.key, row, depth }));
    const groups = new Map();
    for (const row of rows) {
      const name = `${row.parent} ${row.kind} ${row.lane} ${row.name}`;
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(row);
    }
    return [...groups].flatMap(([name, repeats]) =>
      repeats.length < LEAST_REPEATS
        ? repeats.map((row) => ({ key: row.key, row, depth }))
        : [{ key: `repeats of ${name}`, row: repeats[0], depth, repeats }],
    ).sort((a, b) => a.row.start - b.row.start || a.row.place - b.row.place);
  }

  // Make a row visible.
  reveal(row) {
    this.hiddenLanes.delete(row.lane);
    if (this.found && !this.found.has(row)) this.found = null;
    for (let one = row; one; one = this.rows[one.parent]) {
      if (one !== row) this.collapsed.delete(one.key);
      this.opened.add(`repeats of ${one.parent} ${one.kind} ${one.lane} ${one.name}`);
    }
  }

  find(keys) {
    this.found = new Set();
    const hits = keys.map((key) => this.byKey.get(key)).filter(Boolean);
    for (const hit of hits) {
      for (let one = hit; one && !this.found.has(one); one = this.rows[one.parent]) this.found.add(one);
    }
    return hits;
  }

  isFolded(node) {
    if (node.repeats) return !this.opened.has(node.key);
    return this.collapsed.has(node.row.key);
  }

  canFold(node) {
    return Boolean(node.repeats) || (node.row.children.length > 0 && !this.found);
  }

  fold(node, folded) {
    if (!this.canFold(node)) return;
    if (node.repeats) this.opened[folded ? "delete" : "add"](node.key);
    else this.collapsed[folded ? "add" : "delete"](node.row.key);
  }

  foldAll(folded) {
    this.collapsed = new Set(folded ? this.rows.filter((row) => row.children.length > 0).map((row) => row.key) : []);
    if (folded) this.opened.clear();
  }
}

export function hasFailed(node) {
  return (node.repeats ?? [node.row]).some((row) => row.flags & FAILED || row.marks.some(([, , isException]) => isException));
}
