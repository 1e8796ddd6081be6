"""Check the senders' times: a wrong clock, another unit, an end before its start."""

from collections.abc import Iterator
from datetime import UTC, datetime

from checks.findings import Finding
from facts import MAX_NS, is_credible
from queries.entities import entities
from queries.rows import seconds_as_ns
from traces import Trace

# Per sender: the unit of its times, and the factor for a number in another unit.
_UNITS = {
    "seconds": {"milliseconds": 1e-3, "microseconds": 1e-6, "nanoseconds": 1e-9},
    "nanoseconds": {"seconds": 1e9, "milliseconds": 1e6, "microseconds": 1e3},
}


def not_credible(trace: Trace) -> Iterator[Finding]:
    """Report a start or an end that is after the arrival, or in another century."""
    for what, record_id, unit, times, received_ns in _times(trace):
        for which, number in times.items():
            at_ns = seconds_as_ns(number) if unit == "seconds" else int(number)
            is_set = which == "start" or number  # An entity in progress has an end of 0.
            if is_set and not is_credible(at_ns, received_ns):
                yield Finding(
                    f"{what} says that it {which}ed {_when(at_ns, received_ns)}. The list uses its time of arrival,"
                    " and the timeline uses the request's other times.",
                    _why(number, unit, received_ns),
                    f"The clock of the machine that sent it (`date -u`); {_field(unit, which)}, in {unit} since 1970.",
                    record_id,
                )
                break


def end_before_start(trace: Trace) -> Iterator[Finding]:
    for what, record_id, unit, times, _ in _times(trace):
        start, end = times.get("start", 0), times.get("end", 0)
        if end and end < start:
            length_ms = (start - end) * (1e3 if unit == "seconds" else 1e-6)
            yield Finding(
                f"{what} ends {length_ms:,.3g} ms before it starts.",
                "Start and end were read from two clocks, or the clock was set back in between.",
                f"{_field(unit, 'start')} and {_field(unit, 'end')}: leave both to the SDK, which reads one clock.",
                record_id,
            )


def _times(trace: Trace) -> Iterator[tuple[str, str, str, dict[str, float], int]]:
    """Yield each record that has times.

    A record is its description, its id, the unit, its times by name, and its arrival.
    """
    for span in trace.spans:
        times = {"start": span["start_ns"], "end": span["end_ns"]}
        yield f"The span {span['name']!r}", span["span_id"], "nanoseconds", times, span["received_ns"]
    for entity in entities(trace.documents):
        kind = "subsegment" if entity.is_subsegment else "segment"
        times = {
            which: entity.fields[f"{which}_time"] for which in ("start", "end") if f"{which}_time" in entity.fields
        }
        yield f"The {kind} {entity.fields['name']!r}", entity.id, "seconds", times, entity.document["received_ns"]
    for item in trace.items:
        timestamp = item["timestamp"]
        # A time of 400 digits is none in any unit, and fits in no float.
        if isinstance(timestamp, int | float) and not isinstance(timestamp, bool) and timestamp <= MAX_NS:
            yield f"The Rollbar item {item['uuid']}", item["uuid"], "seconds", {"start": timestamp}, item["received_ns"]


def _when(at_ns: int, received_ns: int) -> str:
    if at_ns < received_ns:
        return f"in {datetime.fromtimestamp(at_ns / 1e9, UTC).year}"
    days = (at_ns - received_ns) / 86_400e9
    ahead = f"{days:,.0f} days" if days >= 2 else f"{days * 24 * 60:,.0f} minutes"
    return f"{ahead} after it arrived"


def _why(number: float, unit: str, received_ns: int) -> str:
    if number == 0:
        return "It was never set."
    for name, factor in _UNITS[unit].items():
        at_ns = seconds_as_ns(number * factor) if unit == "seconds" else int(number * factor)
        if is_credible(at_ns, received_ns):
            return f"{number:,.0f} is a time in {name}, and this field is in {unit}."
    return "The sender's clock is wrong, or the time was made by hand."


def _field(unit: str, which: str) -> str:
    return f"{which}_time" if unit == "seconds" else f"{which}TimeUnixNano"
