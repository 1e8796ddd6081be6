// The filter bar: a choice applies immediately, and the address has only the filters that are set.

export const filters = document.querySelector(".filters");

filters?.addEventListener("change", (event) => {
  // A query has several fields, so it is only sent at Enter.
  const isTyped = filters.querySelector(".query") && event.target.matches("input:not([type=checkbox])");
  if (event.target.name && !isTyped) filters.requestSubmit();
});
filters?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
  if (!formData.has("minutes")) return;
  for (const name of ["from", "to"]) formData.delete(name);
  if (formData.get("minutes") === "any") formData.delete("minutes");
});
