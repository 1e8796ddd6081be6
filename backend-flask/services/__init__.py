"""One use case a file. Each shows the vendors' own calls: a span, a subsegment, a log line. (rollbar_test reports
an item in place of the first two.)

`record_exception=False`, because an exception that nobody handles is recorded once, on the request's own span.
Lengths and uuids go into telemetry; what a user typed doesn't.
"""
