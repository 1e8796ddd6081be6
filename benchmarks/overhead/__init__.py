"""Measure what telemetry adds to a request: for the API, for the SDKs' plain wiring, and for other products."""
