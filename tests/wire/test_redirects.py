"""A vendor's redirect is not followed, so the key stays with the vendor, and nothing counts as sent."""

import requests

from gunicorn_server import GunicornServer
from loopback import Request
from receivers import VendorResponse
from vendors import Behaviour, Vendors

QUICK = "wire_app:create_quick_app()"


def redirecting_to(elsewhere: Vendors) -> Behaviour:
    def redirect(request: Request) -> VendorResponse:
        location = elsewhere.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"] + request.path
        return VendorResponse(307, b"", "text/plain", {"Location": location})

    return redirect


def test_a_redirect_is_a_refusal() -> None:
    """A redirect is reported with its status, and counted as failed."""
    with Vendors() as vendors, Vendors() as elsewhere:
        vendors.behaviour |= dict.fromkeys(("honeycomb", "rollbar"), redirecting_to(elsewhere))
        with GunicornServer(vendors.environ(), app=QUICK) as server:
            requests.get(f"{server.url}/rollbar/test", timeout=10)
            server.wait_for_line('"vendor_in_trouble","vendor":"Honeycomb","why":"the endpoint responded 307')
            server.wait_for_line('"vendor_in_trouble","vendor":"Rollbar","why":"Rollbar responded 307')
            reports = requests.get(f"{server.url}/api/health", timeout=10).json()["vendors"]

        for vendor in ("Honeycomb", "Rollbar"):
            assert (reports[vendor]["sent"], reports[vendor]["failed"]) == (0, 1)
        assert elsewhere.requests.total() == 0
