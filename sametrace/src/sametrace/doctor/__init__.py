"""`flask doctor`: is each vendor configured, reached, and does it accept what it is sent? If not, what is the cure?

It sends one span, one segment, one log line and one item, marked as a test, and tells what was answered. It
exits with 1 if anything that is configured doesn't work.
"""

import json
from typing import Any, NoReturn

import click
from flask import Flask

from setting_values import SettingError


@click.command("doctor", help=__doc__)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@click.option("--no-color", envvar="NO_COLOR", is_flag=True, flag_value="yes", type=str, help="Or set NO_COLOR.")
def command(as_json: bool, no_color: str | None) -> None:
    color = False if no_color else None  # None: in colour on a terminal
    # Not above: config.py and the SDKs read the environment when they are imported, and what they refuse is told here.
    try:
        from config import Settings  # noqa: PLC0415

        settings = Settings.from_env()
        from doctor import printed, visits  # noqa: PLC0415

        report = visits.make(settings)
    except SettingError as error:
        refuse(f"The API can't start: {error}.", as_json, color)
    except Exception as error:  # noqa: BLE001 - whatever an SDK says when it is imported
        refuse(f"The API can't start: {type(error).__name__}: {error}.", as_json, color)
    if as_json:
        echo_json(report.as_json())
    else:
        for line in printed.lines(report):
            click.echo(line, color=color)
    raise SystemExit(0 if report.ok else 1)


def refuse(fault: str, as_json: bool, color: bool | None) -> NoReturn:
    if as_json:
        echo_json({"ok": False, "trace_id": "", "faults": [fault], "notes": [], "vendors": []})
    else:
        click.echo(f"{click.style('mend', fg='red', bold=True)}  {fault}", color=color)
    raise SystemExit(1)


def echo_json(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, indent=2))


def create_app() -> Flask:
    """An app with this command alone: `flask --app doctor doctor` works where a wrong setting keeps app.py from it."""
    app = Flask(__name__, static_folder=None)
    app.cli.add_command(command)
    return app
