"""Trace headers by which a caller claims that its request belongs to its own trace."""

ID = "6b04a7c926a00196eb0b0570f04d4808"
PARENT = "00f067aa0ba902b7"
ROOT = f"1-{ID[:8]}-{ID[8:]}"

OTHER_ID = "6b04a7c9ffffffffffffffffffffffff"
OTHER_ROOT = f"1-{OTHER_ID[:8]}-{OTHER_ID[8:]}"
SCRIPT = "<script>alert(1)</script>"

# The API accepts these from a trusted caller.
CLAIMS = [
    {"traceparent": f"00-{ID}-{PARENT}-01"},
    {"traceparent": f"00-{ID}-{PARENT}-00"},
    {"traceparent": f"00-{ID}-{PARENT}-01", "tracestate": "forged=1"},
    {"traceparent": f"01-{ID}-{PARENT}-01"},
    {"traceparent": f"cc-{ID}-{PARENT}-01-what-the-future-will-be-like"},
    {"X-Amzn-Trace-Id": f"Root={ROOT};Parent={PARENT};Sampled=1"},
    {"X-Amzn-Trace-Id": f"Root={ROOT};Parent={PARENT};Sampled=0"},
    {"X-Amzn-Trace-Id": f"Root={ROOT};Parent={PARENT};Sampled=?"},
    {"X-Amzn-Trace-Id": f"Root={ROOT}"},
    {"X-Amzn-Trace-Id": f"Root={ROOT};Sampled=0"},
    {"X-Amzn-Trace-Id": f"Self=1-67891234-12456789abcdef012345678;Root={ROOT}"},
    {"traceparent": f"00-{ID}-{PARENT}-00", "X-Amzn-Trace-Id": f"Root={ROOT};Parent={PARENT};Sampled=0"},
    {"traceparent": "nonsense", "X-Amzn-Trace-Id": f"Root={ROOT};Parent={PARENT};Sampled=1"},
    {"traceparent": f"00-{ID}-{PARENT}-01", "X-Amzn-Trace-Id": f"Root={OTHER_ROOT};Sampled=1"},
    {"traceparent": f"00-{ID}-{PARENT}-01", "X-Amzn-Trace-Id": SCRIPT, "tracestate": SCRIPT, "baggage": SCRIPT},
    {"traceparent": f"00-{ID}-{PARENT}-01", "tracestate": "forged=" + "1" * 8000, "baggage": "forged=" + "1" * 8000},
]
# The API accepts these from nobody.
NONSENSE = [
    {"X-Amzn-Trace-Id": f"Root=1-{'0' * 8}-{'0' * 24};Parent={PARENT}"},
    {"X-Amzn-Trace-Id": f"Parent={PARENT};Sampled=1"},
    {"X-Amzn-Trace-Id": f"Root={ROOT};Root={OTHER_ROOT}"},
    {"X-Amzn-Trace-Id": f"Root={ROOT.upper()}"},
    {"X-Amzn-Trace-Id": f"Root={SCRIPT};Parent={SCRIPT}"},
    {"X-Amzn-Trace-Id": "Root=" + "1" * 8000},
    {"X_Amzn_Trace_Id": f"Root={ROOT}"},
    {"traceparent": "nonsense", "X-Amzn-Trace-Id": "nonsense"},
    {"traceparent": f"00-{'0' * 32}-{PARENT}-01"},
    {"traceparent": f"00-{ID}-{'0' * 16}-01"},
    {"traceparent": f"ff-{ID}-{PARENT}-01"},
    {"traceparent": f"00-{ID}-{PARENT}-01" + "1" * 8000},
    {"traceparent": f"00-{ID}-{PARENT}-{SCRIPT}", "tracestate": SCRIPT, "baggage": SCRIPT},
    {"tracestate": "forged=" + "1" * 8000, "baggage": "forged=" + "1" * 8000},
]
# Each line is sent as its own header.
REPEATED = [
    [("traceparent", f"00-{ID}-{PARENT}-01"), ("traceparent", f"00-{OTHER_ID}-{PARENT}-01")],
    [("traceparent", f"00-{ID}-{PARENT}-01"), ("Traceparent", f"00-{ID}-{PARENT}-01")],
    [("X-Amzn-Trace-Id", f"Root={ROOT};Parent={PARENT}"), ("X-Amzn-Trace-Id", f"Root={OTHER_ROOT};Parent={PARENT}")],
    [("X-Amzn-Trace-Id", f"Root={ROOT};Sampled=1"), ("x-amzn-trace-id", f"Parent={PARENT};Sampled=0")],
]
# Parts of the claims that must appear nowhere if callers are not trusted.
FORGED = (ID, ROOT, OTHER_ID, OTHER_ROOT, ROOT.upper(), "script", "1" * 100, "forged")
