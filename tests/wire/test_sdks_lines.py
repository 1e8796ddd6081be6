"""The vendors' SDKs' own log lines go to stdout only."""

import pytest

from wire_client import Wire


@pytest.mark.parametrize(
    ("logger", "sent"),
    [
        ("botocore.retryhandler", False),
        ("opentelemetry.sdk.trace", False),
        ("urllib3.connectionpool", False),
        ("watchtower", False),
        ("botocores", True),
        ("services.home_activities", True),
    ],
)
def test_it_goes_to_stdout_only(wire: Wire, logger: str, sent: bool) -> None:
    """An SDK's line about a failed delivery is not sent, because it would fail and cause the next one."""
    seen = wire.see("GET", "/api/wire/logging", params={"logger": logger})

    wire.server.wait_for_line(rf'"logger":"{logger}","event":"said_by_a_library".*{seen.server_span["trace_id"]}')
    assert ("said_by_a_library" in [line["event"] for line in seen.lines]) is sent
