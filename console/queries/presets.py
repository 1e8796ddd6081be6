"""The queries that the bootcamp and the vendors' pages in docs type, by name."""

ROOT = "trace.parent_id!?"

# As NAMES in asking.py have them.
PRESETS: dict[str, dict[str, str]] = {
    "Latency by user": {
        "of": "spans",
        "where": "kind=SERVER",
        "by": "user.id",
        "show": "heatmap(duration_ms),count,p50(duration_ms),p95(duration_ms)",
        "order": "p95(duration_ms)",
    },
    "Recent traces": {"of": "spans", "where": ROOT, "show": "count"},
    "Slowest routes": {
        "of": "spans",
        "where": ROOT,
        "by": "http.route",
        "show": "heatmap(duration_ms),count,p95(duration_ms)",
        "order": "p95(duration_ms)",
    },
    "Errors by kind": {"of": "items", "by": "body.trace.exception.class,level", "show": "count"},
    "Log lines by level": {"of": "lines", "by": "level", "show": "count"},
}

# What the pages in docs show to type at the vendor: held together by a test.
DOCUMENTED: dict[str, dict[str, str]] = {
    "Honeycomb: routes with errors": {
        "of": "spans",
        "where": "http.response.status_code>=400",
        "by": "http.route,http.response.status_code",
        "show": "count",
    },
    "Honeycomb: lengths of lists": {
        "of": "spans",
        "where": "app.result_length?",
        "by": "name",
        "show": "avg(app.result_length),max(app.result_length)",
    },
    "X-Ray: what failed": {"of": "segments", "where": "annotation.application=cruddur fault=true", "show": "count"},
    "X-Ray: what was slow": {
        "of": "segments",
        "where": "annotation.application=cruddur duration_ms>1000",
        "show": "count,max(duration_ms)",
        "order": "max(duration_ms)",
    },
}
