"""A report as text, in colour on a terminal."""

from collections.abc import Iterator

import click

from sametrace.doctor.examination import Examination, Report
from sametrace.doctor.hints import Hints

COLOURS = {"works": "green", "fails": "red", "off": "yellow"}
YES_OR_NO = {True: "yes", False: "no", None: "-"}


def lines(report: Report, hints: Hints) -> Iterator[str]:
    if any(vendor.configured for vendor in report.vendors):
        yield f"One test request was sent to every configured vendor. Its trace id: {report.trace_id}"
        yield ""
    for vendor in report.vendors:
        yield from of_vendor(vendor)
        yield ""
    for fault in report.faults:
        yield f"{click.style('fix', fg='red', bold=True)}   {fault}"
    for note in report.notes:
        yield f"{click.style('note', fg='yellow', bold=True)}  {note}"
    if report.faults or report.notes:
        yield ""
    if not report.ok:
        yield click.style("A configured vendor doesn't work.", fg="red", bold=True)
    elif any(vendor.configured for vendor in report.vendors):
        yield click.style("Every configured vendor works.", fg="green", bold=True)
    else:
        yield click.style(hints.unconfigured, fg="yellow")


def of_vendor(vendor: Examination) -> Iterator[str]:
    verdict = click.style(f"{vendor.verdict:6}", fg=COLOURS[vendor.verdict], bold=True)
    if not vendor.configured:
        yield f"{vendor.vendor:16} {verdict} turned on by {vendor.to}"
        return
    yield f"{vendor.vendor:16} {verdict} {vendor.to}".rstrip()
    questions = {"configured": True, "reachable": vendor.reachable, "accepted": vendor.accepted}
    yield "    " + ", ".join(f"{question}: {YES_OR_NO[known]}" for question, known in questions.items())
    if vendor.response:
        yield f"    response: {vendor.response}"
    if vendor.link and vendor.accepted:
        yield f"    see it at {vendor.link}"
    for advice in vendor.advice:
        yield f"    {click.style('->', fg='red' if vendor.verdict == 'fails' else 'yellow', bold=True)} {advice}"
