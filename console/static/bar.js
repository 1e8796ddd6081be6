// The filter bar: a choice holds at once, and the address says what it filters by and no more.

export const filters = document.querySelector(".filters");

filters?.addEventListener("change", (event) => {
  // A query is typed in several fields: it holds when all of it stands there, at Enter.
  const isTyped = filters.querySelector(".query") && event.target.matches("input:not([type=checkbox])");
  if (event.target.name && !isTyped) filters.requestSubmit();
});
filters?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
  if (!formData.has("minutes")) return;
  for (const name of ["from", "to"]) formData.delete(name);
  if (formData.get("minutes") === "any") formData.delete("minutes");
});
