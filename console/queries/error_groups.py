"""Group errors by kind.

A group has its number of errors and users, its first and last time, and whether it is new.
"""

from dataclasses import dataclass

import numpy as np

from queries.buckets import Buckets, buckets_of
from store import Store
from store.error_reader import Occurrence
from store.filters import NONE, Filters


@dataclass(frozen=True)
class ErrorGroup:
    """A kind of error.

    newest: its newest occurrence

    users: the number of known users

    first_ns: the first time in the whole store, regardless of the filters

    is_new: it was first seen after the last start of its service, and the service ran before

    series: its occurrences by bucket
    """

    id: str
    newest: Occurrence
    count: int
    users: int
    first_ns: int
    last_ns: int
    is_new: bool
    series: list[int]


@dataclass(frozen=True)
class ErrorGroups:
    """Groups of errors, the one with the newest occurrence first."""

    buckets: Buckets
    groups: list[ErrorGroup]


def error_groups(store: Store, filters: Filters = NONE) -> ErrorGroups:
    """Return the kinds of errors in the requests that match the filters."""
    found = store.occurrences(filters)
    times = np.array([one.started_ns for one in found], np.int64)
    buckets = buckets_of(times, filters.since_ns, filters.until_ns)
    edges = np.array([*buckets.times, buckets.times[-1] + buckets.step_ns])
    names, newest, kinds, counts = np.unique(
        np.array([one.group for one in found], str), return_index=True, return_inverse=True, return_counts=True
    )
    first, started = store.first_seen(), _last_starts(store)
    groups = []
    for kind in np.argsort(newest):  # the newest occurrences are first
        is_of_kind = kinds == kind
        occurrence = found[newest[kind]]
        first_ns = first.get(occurrence.group, occurrence.started_ns)
        groups.append(
            ErrorGroup(
                id=str(names[kind]),
                newest=occurrence,
                count=int(counts[kind]),
                users=len({found[at].user for at in np.flatnonzero(is_of_kind)} - {None}),
                first_ns=first_ns,
                last_ns=occurrence.started_ns,
                is_new=first_ns >= started.get(occurrence.service, first_ns + 1),
                series=np.histogram(times[is_of_kind], edges)[0].tolist(),
            )
        )
    return ErrorGroups(buckets, groups)


def _last_starts(store: Store) -> dict[str, int]:
    """Return the start of each service's last run.

    A service with a single run is left out: all its errors would be new.
    """
    starts: dict[str, list[int]] = {}
    for run in store.runs():
        starts.setdefault(run.service, []).append(run.first_ns)
    return {service: max(times) for service, times in starts.items() if len(times) > 1}
