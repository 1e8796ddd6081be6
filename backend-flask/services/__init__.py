"""One use case per file, each with the vendors' own calls.

A use case makes a span and a subsegment, and logs a line. Only rollbar_test sends an item instead of a span and a
subsegment. The spans have `record_exception=False`, because an unhandled exception is recorded once, on the server
span. Put lengths and uuids into telemetry, never text that a user typed.
"""
