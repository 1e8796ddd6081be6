// Show times in the reader's time zone: the console may run in another one, in a container or a workspace.

const two = (number) => String(number).padStart(2, "0");

function day(date) {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function clock(date) {
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return day(date) === day(new Date()) ? time : `${day(date)} ${time}`;
}

export function zone() {
  const parts = new Intl.DateTimeFormat(undefined, { timeZoneName: "short" }).formatToParts(new Date());
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

// The milliseconds, if there are any, are in a separate element, because they are the same in each time zone.
export function localise(within) {
  for (const time of within.querySelectorAll("time[datetime]")) {
    const date = new Date(time.dateTime);
    if (!Number.isNaN(date.getTime())) time.firstChild.textContent = clock(date);
  }
  for (const name of within.querySelectorAll(".zone")) name.textContent = zone();
}
