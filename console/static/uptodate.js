// While marks are expected, look whether more has come; a reload keeps the place and the selection.

const LOOK_AGAIN_MS = 2000;

export async function keepUpToDate() {
  const tabs = document.querySelector(".tabs");
  if (tabs?.dataset.expected !== "yes") return;
  await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  try {
    const response = await fetch(location.href);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const next = page.querySelector(".tabs");
    if (next && next.dataset.version !== tabs.dataset.version) location.reload();
    else keepUpToDate();
  } catch {
    // The console stopped: what is shown stays right.
  }
}
