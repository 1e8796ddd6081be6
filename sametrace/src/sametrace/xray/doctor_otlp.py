"""X-Ray over OTLP: does AWS take the span?"""

import botocore.session
from botocore.exceptions import InvalidRegionError
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

from config import Settings
from doctor import answers, aws, honeycomb
from doctor.examination import Examination, Probe
from telemetry import xray_signed


def examine(settings: Settings, probe: Probe) -> Examination:
    region = settings.aws_region
    found = Examination("X-Ray", region is not None, settings.xray_endpoint or region or "AWS_REGION")
    if region is None:
        return found
    session, aws_session = answers.Session(), botocore.session.Session()
    session.auth = signature = xray_signed.Signature(aws_session, region)
    try:
        endpoint = xray_signed.endpoint(settings, aws_session).rstrip("/")
    except InvalidRegionError as error:
        aws.note(found, error, "xray")
        return found
    exporter = OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=answers.TIMEOUT[1], session=session)
    exporter.export([honeycomb.span(settings, probe)])
    exporter.shutdown()
    if signature.error:
        aws.note(found, signature.error, "xray")
        return found
    honeycomb.note_answer(found, session, settings)
    if session.response is None or found.accepted:
        return found
    if session.response.ok:
        found.advice = found.advice or ["X-Ray doesn't take the span: its answer says why."]
        return found
    refusal = answers.fields(session.response)
    code = session.response.headers.get("x-amzn-ErrorType") or str(refusal.get("__type", ""))
    code = code.partition(":")[0].rpartition("#")[2]
    message = str(refusal.get("message") or refusal.get("Message") or "")
    found.answer = f"{session.response.status_code} {code}".strip()
    if "Trace Segment Destination" in message:
        found.advice.append("Traces over OTLP need Transaction Search: turn it on, in CloudWatch's console, Settings.")
    else:
        found.advice.append(aws.by_code(code, message, "xray:PutTraceSegments"))
    return found
