"""Trusted callers may bring a trace id, and its headers are parsed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sametrace.core.propagation import TRACE_HEADERS, Caller, Trust, take_over, xray_fields

TRACE_ID = "5759e988bd862e3fe1be46a994272793"
SPAN_ID = "53995c3f42cd8ad8"
ROOT = f"1-{TRACE_ID[:8]}-{TRACE_ID[8:]}"
TRACEPARENT = f"00-{TRACE_ID}-{SPAN_ID}-01"
OF_SPAN = Caller(int(TRACE_ID, 16), int(SPAN_ID, 16))
OF_TRACE = Caller(int(TRACE_ID, 16))
PAGES = "http://localhost:3000"


def taken(trusted: Trust = True, **headers: str) -> tuple[Caller, dict[str, str]]:
    """Return what was read, and the remaining headers."""
    environ = {f"HTTP_{name.upper()}": value for name, value in headers.items()} | {"HTTP_HOST": "shop.example"}
    caller = take_over(environ, trusted)
    assert environ.pop("HTTP_HOST") == "shop.example"
    return caller, environ


def test_a_caller_that_is_not_trusted_brings_nothing() -> None:
    """An untrusted caller's headers are all removed. With a chosen trace id, it could join others' traces."""
    headers = {name.removeprefix("HTTP_").lower(): "x" for name in TRACE_HEADERS}
    assert taken(False, **headers) == (Caller(), {})
    assert taken(False, traceparent=TRACEPARENT, baggage="user=7") == (Caller(), {})
    assert {*TRACE_HEADERS} == {"HTTP_TRACEPARENT", "HTTP_TRACESTATE", "HTTP_BAGGAGE", "HTTP_X_AMZN_TRACE_ID"}


def test_a_caller_without_headers() -> None:
    assert taken() == taken(False) == taken(PAGES) == (Caller(), {})


def test_a_request_of_the_frontend() -> None:
    """The frontend's trace id and parent are used, and nothing else."""
    others = dict.fromkeys(("tracestate", "baggage"), "x")
    segment = f"Root=1-{'1' * 8}-{'1' * 24};Parent={SPAN_ID};Sampled=0"
    caller, left = taken(PAGES, origin=PAGES, traceparent=TRACEPARENT[:-1] + "0", x_amzn_trace_id=segment, **others)

    assert caller == OF_SPAN
    assert left == {"HTTP_ORIGIN": PAGES, "HTTP_TRACEPARENT": TRACEPARENT}


@pytest.mark.parametrize("origin", ["https://evil.example", PAGES + ".evil.example", "null", "", None])
def test_a_request_of_another_page(origin: str | None) -> None:
    """Another page's headers, and those of a program without an Origin, are dropped."""
    given = {} if origin is None else {"origin": origin}
    caller, left = taken(PAGES, traceparent=TRACEPARENT, tracestate="a=b", **given)

    assert caller == Caller()
    assert left == ({} if origin is None else {"HTTP_ORIGIN": origin})


def test_a_traceparent_of_the_frontend_that_is_malformed() -> None:
    """If the frontend's traceparent is malformed, X-Ray's header does not replace it."""
    assert taken(PAGES, origin=PAGES, traceparent="nonsense", x_amzn_trace_id=f"Root={ROOT}") == (
        Caller(),
        {"HTTP_ORIGIN": PAGES},
    )


@pytest.mark.parametrize("flags", ["00", "01", "03"])
def test_a_trusted_callers_traceparent(flags: str) -> None:
    """A trusted caller's flag does not decide on sampling."""
    caller, left = taken(traceparent=f"00-{TRACE_ID}-{SPAN_ID}-{flags}", tracestate="a=b")

    assert caller == OF_SPAN
    assert left == {"HTTP_TRACEPARENT": TRACEPARENT, "HTTP_TRACESTATE": "a=b"}


@pytest.mark.parametrize("rest", ["-01", "-01-", "-01-more-fields", "-ff-é"])
@pytest.mark.parametrize("version", ["01", "cc", "fe"])
def test_a_traceparent_of_a_later_version(version: str, rest: str) -> None:
    """A later version may have more fields, and continues as version 00."""
    caller, left = taken(traceparent=f"{version}-{TRACE_ID}-{SPAN_ID}{rest}")

    assert (caller, left) == (OF_SPAN, {"HTTP_TRACEPARENT": TRACEPARENT})


@pytest.mark.parametrize(
    "value",
    [
        "",
        f"ff-{TRACE_ID}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{SPAN_ID}-01-more",
        f"00-{TRACE_ID}-{SPAN_ID}",
        f"00-{TRACE_ID.upper()}-{SPAN_ID}-01",
        f"00-{'0' * 32}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"01-{'0' * 32}-{SPAN_ID}-01",
        f"01-{TRACE_ID}-{SPAN_ID}-011",
        f"00-{TRACE_ID[1:]}-{SPAN_ID}-01",
        f"{TRACEPARENT},{TRACEPARENT}",
        f"{TRACEPARENT}\n",
        f" {TRACEPARENT}",
    ],
)
def test_a_traceparent_that_is_malformed(value: str) -> None:
    """A malformed traceparent removes all trace headers, including tracestate."""
    assert taken(traceparent=value, tracestate="a=b", baggage="c=d") == (Caller(), {})


def test_x_rays_header() -> None:
    """X-Ray's Root is the trace id, and its Parent is the calling segment. Its Sampled is ignored."""
    header = f"Root={ROOT};Parent={SPAN_ID};Sampled=1;Lineage=a:0"
    caller, left = taken(x_amzn_trace_id=header)

    assert caller == OF_TRACE._replace(xray_parent=SPAN_ID)
    assert left == {"HTTP_X_AMZN_TRACE_ID": header}
    assert taken(x_amzn_trace_id=f"Self=1-5759e988-{'0' * 24}; Root={ROOT}")[0] == OF_TRACE


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Root=",
        f"Root={ROOT[:-1]}",
        f"Root=2{ROOT[1:]}",
        f"Root=1-{'0' * 8}-{'0' * 24}",
        f"Root={ROOT};Root={ROOT}",
        f"Root={ROOT},Root={ROOT}",
        f"root={ROOT}",
        f"Parent={SPAN_ID}",
    ],
)
def test_an_x_ray_header_that_is_malformed(header: str) -> None:
    """A repeated field is refused, because it may come from two callers, one of them untrusted."""
    assert taken(x_amzn_trace_id=header) == (Caller(), {})


def test_both_headers_of_one_trace() -> None:
    """With both headers of one trace, the calling span and segment are both known."""
    caller, _ = taken(traceparent=TRACEPARENT, x_amzn_trace_id=f"Root={ROOT};Parent={SPAN_ID}")
    assert caller == OF_SPAN._replace(xray_parent=SPAN_ID)


def test_both_headers_of_two_traces() -> None:
    """With headers of two traces, traceparent wins. A load balancer may have added the other."""
    root = f"1-{TRACE_ID[:8]}-{'1' * 24}"
    assert taken(traceparent=TRACEPARENT, x_amzn_trace_id=f"Root={root};Parent={SPAN_ID}")[0] == OF_SPAN


def test_a_bad_traceparent_beside_a_good_x_ray_header() -> None:
    """A malformed traceparent is removed, so that OpenTelemetry does not read it."""
    header = f"Root={ROOT}"
    assert taken(traceparent="nonsense", x_amzn_trace_id=header) == (OF_TRACE, {"HTTP_X_AMZN_TRACE_ID": header})


@pytest.mark.parametrize("parent", ["", "x", SPAN_ID.upper(), SPAN_ID + "0"])
def test_a_parent_that_is_malformed(parent: str) -> None:
    """With a malformed parent, the trace id is still used."""
    assert taken(x_amzn_trace_id=f"Root={ROOT};Parent={parent}")[0] == OF_TRACE


@given(st.text(), st.text())
def test_any_headers(traceparent: str, xray: str) -> None:
    """No headers raise an exception."""
    caller, left = taken(traceparent=traceparent, x_amzn_trace_id=xray)
    assert (caller.trace_id is None) == (left == {})


def test_the_fields_of_x_rays_header() -> None:
    assert xray_fields(f"Root={ROOT}; Parent=a=b") == {"Root": ROOT, "Parent": "a=b"}
