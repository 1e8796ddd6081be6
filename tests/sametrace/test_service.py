"""The service that sends, for every vendor."""

from sametrace.service import Service


def test_the_services_name() -> None:
    """The service's name comes from OpenTelemetry's variables, percent-encoding included, or else from the app."""
    attributes = "deployment.environment.name=prod%20uction,service.version=1.2.3, service.name=other,odd"

    assert Service.read({}, "app", "1") == Service("app", "1", "development")
    assert Service.read({"OTEL_RESOURCE_ATTRIBUTES": attributes}, "app", "1") == Service(
        "other", "1.2.3", "prod uction"
    )
    assert Service.read({"OTEL_SERVICE_NAME": "own", "OTEL_RESOURCE_ATTRIBUTES": attributes}, "a", "1").name == "own"
