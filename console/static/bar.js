// The filter bar: a choice holds at once, and the address says what it filters by and no more.

export const filters = document.querySelector(".filters");

filters?.addEventListener("change", (event) => {
  if (event.target.name) filters.requestSubmit();
});
filters?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
  if (!formData.has("minutes")) return;
  for (const name of ["from", "to"]) formData.delete(name);
  if (formData.get("minutes") === "any") formData.delete("minutes");
});
