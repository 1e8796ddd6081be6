"""Check that each vendor accepts what it is sent, and say what to fix.

Each configured vendor is sent one record, marked as a test. The exit status is 1 if a configured vendor does not work.
"""

import json
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

from sametrace.doctor.hints import NONE, Hints
from sametrace.doctor.mistakes import Mistake, in_values
from sametrace.settings import SettingError

if TYPE_CHECKING:
    from sametrace.extension import Telemetry

__all__ = ["Hints", "Mistake", "command", "in_values"]


def command(
    load: Callable[[], "Telemetry"], hints: Hints = NONE, checks: Callable[[], Iterable[Mistake]] = lambda: ()
) -> click.Command:
    """Return the command `flask doctor`.

    Telemetry.init_app() adds it to the app. A command of this name that you add afterwards replaces it.

    load: returns the Telemetry whose vendors to examine. If it raises, the app can't start, and the report says why.

    checks: returns other mistakes, in the settings or on the machine
    """

    @click.command("doctor", help=__doc__)
    @click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
    @click.option("--no-color", envvar="NO_COLOR", is_flag=True, flag_value="yes", type=str, help="Or set NO_COLOR.")
    def doctor(as_json: bool, no_color: str | None) -> None:
        from sametrace.doctor import examination, printed, report  # noqa: PLC0415 - for this command alone

        # The SDKs log what they cannot send. The report says it, so the log would repeat it.
        logging.disable(logging.CRITICAL)
        try:
            made = report.make(load(), hints, checks)
        except Exception as error:  # noqa: BLE001 - an SDK may raise anything when it is imported
            why = str(error) if isinstance(error, SettingError) else f"{type(error).__name__}: {error}"
            made = examination.Report("", faults=[f"The app can't start: {why.rstrip('. ')}."])
        for line in [json.dumps(made.as_json(), indent=2)] if as_json else printed.lines(made, hints):
            click.echo(line, color=False if no_color else None)  # None: in colour on a terminal
        raise SystemExit(0 if made.ok else 1)

    return doctor
