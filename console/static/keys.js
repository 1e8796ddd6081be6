// The parts of every page: keyboard shortcuts, the dialog that lists them, and buttons that copy.

import { localise } from "./times.js";

localise(document);

export function onKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest("input, select, textarea");
    if (field) {
      if (event.key === "Escape") field.blur();
      return;
    }
    const action = document.querySelector("dialog[open]") ? null : { ...common, ...actions }[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  });
}

export function follow(id) {
  document.getElementById(id)?.click();
}

// The address of the last list in this tab, with its filters: the key `u` leads back to it.
export function rememberList(address) {
  try {
    sessionStorage.setItem("list", address);
  } catch {
    // If the browser stores nothing, `u` leads to the whole list.
  }
}

export function upToList() {
  let address = null;
  try {
    address = sessionStorage.getItem("list");
  } catch {
    // The browser stores nothing.
  }
  location.assign(address ?? "/requests");
}

const keys = document.getElementById("keys");
const common = {
  "?": () => keys.showModal(),
  g: () => document.querySelector(".go input").focus(),
};

const opener = document.querySelector("[data-opens=keys]");
opener.hidden = false;
opener.addEventListener("click", () => keys.showModal());

async function copy(button) {
  const text = button.dataset.copy ?? document.getElementById(button.dataset.copies).textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "copied";
  } catch {
    button.textContent = "not allowed";
  }
  setTimeout(() => (button.textContent = "copy"), 1500);
}

for (const button of document.querySelectorAll("[data-copy], [data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
