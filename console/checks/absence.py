"""Explain on a vendor's page why it has no record of a request."""

from collections.abc import Set
from dataclasses import dataclass

from checks.sampling_rule import SamplingRule
from checks.vendors import LOST, NAMES, SETTINGS
from traces import Mark, Summary


@dataclass(frozen=True)
class Absence:
    """Why a vendor has no record of a request, and what to do, in sentences."""

    why: str
    what_to_do: str


def absence(vendor: str, summary: Summary, rule: SamplingRule | None, elsewhere: Set[str]) -> Absence:
    """Return the reason for a vendor without a record, and what to do.

    elsewhere: the vendors that the API sends to directly
    """
    name = NAMES[vendor]
    match summary.marks[vendor]:
        case Mark.EXPECTED:
            return Absence(
                f"Nothing has arrived for {name} yet. SDKs send in batches, and the request is younger than 5 seconds.",
                "This page shows it once it arrives.",
            )
        case Mark.NOT_SAMPLED:
            return _not_sampled(rule)
        case Mark.MISSING:
            return Absence(
                f"{name} should have this request, but nothing arrived. {LOST[vendor]}", f"{SETTINGS[vendor]}."
            )
    if vendor in elsewhere:
        return Absence(
            f"The API sends to {name} itself, and not to this console.", "Open it in your account, by the trace ID."
        )
    if not summary.all_expected:
        return Absence(
            f"The program that handled this request sends nothing to {name} under this trace ID.",
            f"To send to {name}, set it up in that program.",
        )
    if vendor == "rollbar":
        return Absence("Nothing failed, so there was no item to send.", "GET /rollbar/test of the API sends one.")
    return Absence(f"There was nothing to send to {name}.", "GET /api/health of the API says what was sent.")


def _not_sampled(rule: SamplingRule | None) -> Absence:
    if rule is None or rule.fixed_rate is None:
        which = "X-Ray's sampling rule did not choose this request: it was neither recorded nor sent."
    else:
        first = f"the first {rule.reservoir} requests of each second, and " if rule.reservoir else ""
        which = (
            f"X-Ray's sampling rule {rule.name} did not choose this request: it records {first}"
            f"{rule.fixed_rate * 100:g} % of the {'others' if first else 'requests'}."
        )
    return Absence(
        which,
        'To record every request, set "FixedRate": 1 in aws/json/xray.json (or in the file that XRAY_SAMPLING_RULE'
        " names), and start the API again. Rules made in AWS override that file.",
    )
