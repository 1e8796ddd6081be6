"""What telemetry adds to a request: the API beside the bare app, the plain wiring of the same SDKs, and other people's."""
