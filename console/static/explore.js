// Explore: complete the names and values of attributes while the user types.
import "./charts.js";

const form = document.querySelector(".filters");
const names = [...document.querySelectorAll("#attribute-names option")].map((option) => option.value);
const CONDITION = /^([\w.:/@-]+)(!=|=|!~|~)(.*)$/;

function listFor(input) {
  const list = document.createElement("datalist");
  list.id = `completes-${input.name}`;
  input.after(list);
  input.setAttribute("list", list.id);
  return list;
}

function offer(list, before, candidates) {
  list.replaceChildren(
    ...candidates.map((candidate) => {
      const option = document.createElement("option");
      option.value = before + candidate;
      return option;
    }),
  );
}

function quoted(value) {
  return /^[\w.:/@<>-]*$/.test(value) ? value : `'${value.replaceAll("'", `'"'"'`)}'`;
}

// Split the text into the word that is being typed, and everything before it.
function parts(text, separator) {
  const at = text.lastIndexOf(separator) + 1;
  return [text.slice(0, at), text.slice(at)];
}

for (const input of form.querySelectorAll("[data-completes]")) {
  const list = listFor(input);
  const functions = input.dataset.functions?.split(" ") ?? [];
  input.addEventListener("input", () => {
    const [before, typed] = parts(input.value, ",");
    if (input.dataset.completes === "names") return offer(list, before, names);
    const [called] = typed.split("(");
    offer(list, before, typed.includes("(") ? names.map((name) => `${called}(${name})`) : functions);
  });
}

const where = form.elements.namedItem("where");
if (where) {
  const list = listFor(where);
  let requested = "";
  where.addEventListener("input", async () => {
    const [before, typed] = parts(where.value, " ");
    const condition = CONDITION.exec(typed);
    if (!condition) {
      requested = "";
      return offer(list, before, names.map((name) => `${name}=`));
    }
    const [, name, operator] = condition;
    const of = form.elements.namedItem("of").value;
    const wanted = `${of} ${name} ${operator}`;
    if (requested === wanted) return;
    requested = wanted;
    const response = await fetch(`/api/attributes?${new URLSearchParams({ of, name })}`);
    if (!response.ok) return;
    const { values } = await response.json();
    if (requested !== wanted) return; // The user is typing another word by now.
    offer(list, before, values.map((value) => `${name}${operator}${quoted(String(value))}`));
  });
}
