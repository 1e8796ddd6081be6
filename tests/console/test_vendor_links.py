"""A request links to the vendors' own consoles."""

from datetime import UTC, datetime

import console_traces as made
from console_traces import START_NS, TRACE_ID, XRAY_TRACE_ID, trace_of
from pages.vendor_links import Accounts, vendor_links

AWS = "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
START = START_NS // 10**9


def test_none_where_no_account_is_configured() -> None:
    assert vendor_links(trace_of([made.span("GET /", 0, 1)]), Accounts.from_env({})) == {}


def test_honeycomb_needs_team_and_environment() -> None:
    """Honeycomb's dataset has the service's name by default."""
    trace = trace_of([made.span("GET /", 0, 1)])
    environ = {"CONSOLE_HONEYCOMB_TEAM": "my/team", "CONSOLE_HONEYCOMB_ENVIRONMENT": "dev"}
    times = f"trace_start_ts={START - 600}&trace_end_ts={START + 600}"

    assert vendor_links(trace, Accounts.from_env(environ)) == {
        "honeycomb": "https://ui.honeycomb.io/my%2Fteam/environments/dev/datasets/backend-flask/trace"
        f"?trace_id={TRACE_ID}&{times}"
    }
    europe = {"CONSOLE_HONEYCOMB_DATASET": "other", "CONSOLE_HONEYCOMB_UI": "https://ui.eu1.honeycomb.io"}
    link = vendor_links(trace, Accounts.from_env(environ | europe))["honeycomb"]
    assert link.startswith("https://ui.eu1.honeycomb.io/my%2Fteam/environments/dev/datasets/other/trace?")


def test_aws_needs_the_region() -> None:
    """The query uses the lines' own log group."""
    line = made.line("served", 1) | {"log_group": "/a 'group'"}
    trace = trace_of(documents=[made.segment("backend-flask", 0, 1)], lines=[line])
    links = vendor_links(trace, Accounts.from_env({"CONSOLE_AWS_REGION": "us-east-1"}))
    end, start = (f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H*3A%M*3A%S}.000Z" for at in (START + 600, START - 600))

    assert links["xray"] == f"{AWS}#xray:traces/{XRAY_TRACE_ID}"
    assert links["cloudwatch"] == (
        f"{AWS}#logsV2:logs-insights$3FqueryDetail$3D~(end~'{end}~start~'{start}"
        "~timeType~'ABSOLUTE~tz~'UTC~editorString~'fields*20*40timestamp*2C*20*40message*0A*7C*20filter*20trace_id*20*3D*20"
        f"*22{TRACE_ID}*22*0A*7C*20sort*20*40timestamp*20asc~source~(~'*2Fa*20*27group*27))"
    )


def test_only_where_the_request_was_sent() -> None:
    """A request that X-Ray did not sample has no link there, and one that went to the vendor itself has."""
    environ = {
        "CONSOLE_AWS_REGION": "us-east-1",
        "CONSOLE_HONEYCOMB_TEAM": "t",
        "CONSOLE_HONEYCOMB_ENVIRONMENT": "e",
        "CONSOLE_ROLLBAR": "yes",
    }
    accounts = Accounts.from_env(environ)
    passed_over = trace_of([made.span("GET /", 0, 1)], lines=[made.line("request_served", 1)])
    sampled = trace_of([made.span("GET /", 0, 1, attributes={"aws.xray.segment_id": "a" * 16})])
    assert set(vendor_links(passed_over, accounts)) == {"honeycomb", "cloudwatch"}
    assert set(vendor_links(sampled, accounts)) == {"honeycomb", "xray"}
    alone = trace_of(documents=[made.segment("a", 0, 1)])
    assert set(vendor_links(alone, accounts)) == {"xray"}
    assert set(vendor_links(alone, accounts, frozenset({"honeycomb", "cloudwatch"}))) >= {"xray", "cloudwatch"}


def test_rollbars_item_may_be_at_rollbar_only() -> None:
    """An item at Rollbar only is found by the uuid in its span."""
    trace = trace_of([made.span("GET /", 0, 1, attributes={"rollbar.item_uuid": "a&b"})])
    links = vendor_links(trace, Accounts.from_env({"CONSOLE_ROLLBAR": "yes"}))
    assert links == {"rollbar": "https://rollbar.com/item/uuid/?uuid=a%26b"}
