"""One use case per file. Each shows the vendors' own calls: a span, a subsegment, a log line.

(rollbar_test sends an item instead of a span and a subsegment.) The spans have `record_exception=False`, because an
unhandled exception is recorded once, on the server span. Put lengths and uuids into telemetry, never text that a user
typed.
"""
