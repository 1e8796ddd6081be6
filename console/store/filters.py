"""The filters of a list of traces, in SQL."""

import json
import re
import time
from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from facts import MAX_NS
from store.conditions import Condition, of_trace
from store.tables import bits
from traces import YOUNG_NS

# Whether the trace's service has sent a record with another vendor's ids. The index traces_by_service serves it.
ALL_EXPECTED = (
    "(traces.joined OR (traces.service != '' AND"
    " EXISTS (SELECT 1 FROM traces AS other WHERE other.service = traces.service AND other.joined)))"
)


@dataclass(frozen=True)
class Filters:
    """Filters that select traces. A trace must match all of them.

    None, False and an empty text match every trace.

    before: the traces after this trace id in the list
    only: the traces with these trace ids
    minutes: started within this number of minutes
    since_ns, until_ns: started at this time or later; before this time
    where: each condition holds for a record of the trace
    status: "404", or "4xx" for the whole class; any other text matches no trace
    slower_than_ms: took longer
    incomplete_only: has a mark MISSING
    text: in the JSON of any record of the trace, in names or values, without regard to the case of ASCII letters
    """

    before: str | None = None
    only: frozenset[str] | None = None
    service: str | None = None
    method: str | None = None
    minutes: int | None = None
    since_ns: int | None = None
    until_ns: int | None = None
    where: tuple[Condition, ...] = ()
    route: str | None = None
    status: str | None = None
    errors_only: bool = False
    slower_than_ms: float | None = None
    incomplete_only: bool = False
    text: str = ""


NONE = Filters()


def parse_milliseconds(text: str) -> float | None:
    """Return a typed duration such as 250 or 0.5; None for anything else."""
    return float(text) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text) else None


def parse_status(text: str) -> str | None:
    """Return a typed status such as 404 or 5xx; None for anything else."""
    return text if re.fullmatch(r"[0-9]{3}|[1-5][xX]{2}", text, re.ASCII) else None


def condition(filters: Filters, here: Set[str]) -> tuple[str, dict[str, Any]]:
    """Return the filters as a condition in SQL, and its parameters.

    here: the vendors that send to this console
    """
    conditions, values = ["1"], dict[str, Any]()
    if filters.before is not None:
        conditions.append("(started_ns, number) < (SELECT started_ns, number FROM traces WHERE trace_id = :before)")
        values["before"] = filters.before
    for name in ("route", "service", "method"):
        if getattr(filters, name) is not None:
            conditions.append(f"{name} = :{name}")
            values[name] = getattr(filters, name)
    if filters.only is not None:
        conditions.append("trace_id IN (SELECT value FROM json_each(:only))")
        values["only"] = json.dumps(sorted(filters.only))
    if filters.minutes is not None:
        conditions.append("started_ns >= :since")
        values["since"] = max(time.time_ns() - filters.minutes * 60 * 10**9, 0)
    if filters.since_ns is not None:
        conditions.append("started_ns >= :since_ns")
        values["since_ns"] = min(filters.since_ns, MAX_NS)
    if filters.until_ns is not None:
        conditions.append("started_ns < :until_ns")
        values["until_ns"] = min(filters.until_ns, MAX_NS)
    for number, one in enumerate(filters.where):
        holds, its_values = of_trace(one, number)
        conditions.append(holds)
        values |= its_values
    if filters.status is not None:
        conditions.append("status BETWEEN :lowest AND :highest")
        values["lowest"], values["highest"] = _status_range(filters.status)
    if filters.errors_only:
        conditions.append("has_error")
    if filters.slower_than_ms is not None:
        conditions.append("duration_ms > :slower")
        values["slower"] = filters.slower_than_ms
    if filters.incomplete_only:
        conditions.append(f"lacking & :here AND first_received_ns < :young AND {ALL_EXPECTED}")
        values["here"] = bits(here)
        values["young"] = time.time_ns() - YOUNG_NS
    if filters.text:
        conditions.append("EXISTS (SELECT 1 FROM records WHERE trace = traces.number AND body LIKE :text ESCAPE '!')")
        values["text"] = like(filters.text)
    return " AND ".join(conditions), values


def _status_range(status: str) -> tuple[int, int]:
    if len(status) == 3 and status[1:].lower() == "xx" and status[0] in "12345":
        return int(status[0]) * 100, int(status[0]) * 100 + 99
    return (int(status), int(status)) if len(status) == 3 and status.isascii() and status.isdigit() else (0, 0)


def like(text: str) -> str:
    """Return the LIKE pattern for a text within a record's JSON.

    JSON escapes characters such as quotes.
    """
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    for special in "!%_":
        escaped = escaped.replace(special, f"!{special}")
    return f"%{escaped}%"
