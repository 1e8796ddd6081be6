"""The doctor explains any vendor's response, or its absence."""

import pytest
import requests
from sametrace.doctor import responses
from sametrace.doctor.examination import Examinable
from sametrace.honeycomb import Honeycomb
from sametrace.rollbar import Rollbar

import doctor
from doctor_runs import Configure, make_probe
from receivers import VendorResponse
from vendors import Vendors

CONSOLE = "http://localhost:4318"
VENDOR = "https://api.honeycomb.io"


@pytest.mark.parametrize(
    ("error", "to", "reply", "advice"),
    [
        (
            requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED"),
            VENDOR,
            "the certificate isn't trusted",
            f"{VENDOR}: is there a proxy in between, or is this machine's clock wrong?",
        ),
        (
            requests.ConnectionError("NameResolutionError: Failed to resolve 'api.honeycomb.io'"),
            VENDOR,
            "the name can't be resolved",
            f"{VENDOR}: check the name, and this machine's internet connection.",
        ),
        (
            requests.ReadTimeout("nothing yet"),
            VENDOR,
            "no response in time",
            f"{VENDOR} doesn't respond: is that the right address, and does a firewall or a proxy keep this machine",
        ),
        (
            requests.ConnectTimeout("nothing yet"),
            CONSOLE,
            "no response in time",
            f"{CONSOLE} doesn't respond: `make run`, in another terminal",
        ),
        (
            requests.ConnectionError("[Errno 111] Connection refused"),
            VENDOR,
            "the connection was refused",
            f"Nothing listens at {VENDOR}: is that the right address",
        ),
        (
            requests.ConnectionError("Remote end closed connection without response"),
            VENDOR,
            "ConnectionError",
            f"{VENDOR} can't be reached: is that the right address",
        ),
    ],
)
def test_why_there_was_no_response(error: Exception, to: str, reply: str, advice: str) -> None:
    """A missing response is explained with advice; at the console's place, with how to start the console."""
    error_text, cure = responses.why_not(error, to, doctor.HINTS)

    assert error_text == reply
    assert cure.startswith(advice)


def test_a_server_that_speaks_no_tls(configure: Configure, vendors: Vendors) -> None:
    """A server without TLS is reported like an untrusted certificate, from the client library's own error."""
    url = vendors.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"].replace("http://", "https://")
    configure(ROLLBAR_ENDPOINT=f"{url}/api/1/")
    found = Rollbar().examine(make_probe())

    assert (found.verdict, found.reachable, found.response) == ("fails", False, "the certificate isn't trusted")


@pytest.mark.parametrize(
    ("name", "path", "vendor"),
    [("honeycomb", "/v1/traces", Honeycomb()), ("rollbar", "/api/1/item/", Rollbar())],
)
def test_a_redirect_is_not_followed(
    name: str, path: str, vendor: Examinable, configure: Configure, vendors: Vendors
) -> None:
    """A redirect is not followed, because the key would be sent to wherever it leads."""
    with Vendors() as elsewhere:
        location = {"Location": elsewhere.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"] + path}
        vendors.behaviour[name] = lambda _: VendorResponse(307, b"", "text/plain", location)
        configure()
        found = vendor.examine(make_probe())

        assert (found.verdict, found.response[:3]) == ("fails", "307")
        assert elsewhere.requests.total() == 0


def test_the_responses_words_are_on_one_line_and_not_many() -> None:
    """A response's text is shortened to one line, and left out if it is no text."""
    response = requests.Response()
    response.reason = "Bad Gateway"
    response.headers["Content-Type"] = "text/html"
    response._content = b"<h1>no\n  such\tplace</h1>" + b"x" * 1000
    shown = responses.words(response, ())
    assert (shown[:22], len(shown)) == ("<h1>no such place</h1>", responses.MAX_CHARS)

    response.headers["Content-Type"] = "application/x-protobuf"
    assert responses.words(response, ()) == "Bad Gateway"
