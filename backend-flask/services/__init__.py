"""One use case per file. Each shows the vendors' own calls: a span, a subsegment, a log line.

(rollbar_test reports an item in place of the first two.) `record_exception=False`, because an unhandled exception is
recorded once, on the request's own span. Put lengths and uuids into telemetry, never text that a user typed.
"""
