"""Measure what telemetry adds to a request.

This is measured for the API, for the SDKs' plain wiring, and for other products.
"""
