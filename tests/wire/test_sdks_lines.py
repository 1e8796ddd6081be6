"""What a vendor's SDK logs."""

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
def test_it_is_for_stdout_alone(wire: Wire, logger: str, sent: bool) -> None:
    """Sent on, a failure to send would make the next thing to send, and that would fail, too."""
    seen = wire.see("GET", "/api/wire/logging", params={"logger": logger})

    wire.server.wait_for_line(rf'"logger":"{logger}","event":"said_by_a_library".*{seen.server_span["trace_id"]}')
    assert ("said_by_a_library" in [line["event"] for line in seen.lines]) is sent
