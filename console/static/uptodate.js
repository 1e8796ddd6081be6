// While a mark says expected, check whether more has arrived. A reload keeps the scroll position and the selection.

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
    // The console stopped. What the page shows is still right.
  }
}
