"""The preset queries by name.

They are from the bootcamp's challenges, and from the vendors' pages in docs.
"""

ROOT = "trace.parent_id!?"

# The keys are those of an address: see NAMES in query_run.py.
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

# The queries of the vendors' pages in docs. tests/console/test_explore.py compares the two.
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
