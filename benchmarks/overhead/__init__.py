"""What telemetry adds to a request: the API's, the plain wiring's of the same SDKs, and its peers'."""
