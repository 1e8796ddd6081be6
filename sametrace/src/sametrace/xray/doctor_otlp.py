"""Check that AWS accepts a span for X-Ray over OTLP."""

from collections.abc import Mapping

from botocore.exceptions import InvalidRegionError

from sametrace import settings
from sametrace.aws import region as region_of
from sametrace.doctor import aws
from sametrace.doctor.examination import Examination, Probe
from sametrace.otel import doctor
from sametrace.otel.destination import Destination
from sametrace.xray.signing import NotSigned, Signature, endpoint


def examine(environ: Mapping[str, str], probe: Probe) -> Examination:
    region = region_of(environ)
    place = settings.url(environ, "AWS_ENDPOINT_URL_XRAY")
    found = Examination("X-Ray", region is not None, (place or region) if region else "AWS_REGION")
    found.mistakes = list(aws.mistakes(environ))
    if region is None:
        return found
    found.link = probe.local_page(place)
    try:
        base = (place or endpoint(region)).rstrip("/")
        signature = Signature(region)
        destination = Destination(f"{base}/v1/traces", base, {}, signature.certificates)
        response = doctor.send(found, probe, destination, auth=signature)
    except (InvalidRegionError, NotSigned) as error:
        aws.note(found, probe.hints, error.__cause__ or error, "xray")
        return found
    if response is None or found.accepted:
        return found
    if response.ok:
        found.advice = found.advice or ["X-Ray doesn't accept the span: its response says why."]
        return found
    aws.note_refusal(found, probe.hints, response, "xray:PutTraceSegments")
    return found
