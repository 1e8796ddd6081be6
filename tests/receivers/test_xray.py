"""The X-Ray receiver accepts what the X-Ray SDK and botocore send, and refuses other input."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from aws_xray_sdk.core import AWSXRayRecorder
from aws_xray_sdk.core.sampling.connector import ServiceConnector
from botocore.client import BaseClient
from hypothesis import given
from hypothesis import strategies as st

from malformed import NOT_JSON, json_values
from receivers import Refused, VendorResponse, xray
from receivers.xray_documents import MAX_DOCUMENT_BYTES
from receivers.xray_sampling import KEPT_STATISTICS_DOCUMENTS
from vendors import Vendors

HEADER = b'{"format": "json", "version": 1}\n'
SEGMENT = {
    "name": "cruddur",
    "id": "70de5b6f19ff9a0a",
    "trace_id": "1-581cf771-a006649127e371903a2de979",
    "start_time": 1478293361.271,
    "end_time": 1478293361.449,
}
RULE = {
    "RuleName": "Cruddur",
    "Priority": 9000,
    "FixedRate": 0.1,
    "ReservoirSize": 5,
    "ServiceName": "*",
    "ServiceType": "*",
    "Host": "*",
    "HTTPMethod": "*",
    "URLPath": "*",
    "ResourceARN": "*",
    "Version": 1,
}
STATISTICS = {
    "RuleName": "Cruddur",
    "ClientID": "0123456789abcdef01234567",
    "Timestamp": 1478293361,
    "RequestCount": 7,
    "SampledCount": 3,
    "BorrowCount": 1,
}


@pytest.fixture
def recorder(vendors: Vendors) -> Iterator[AWSXRayRecorder]:
    recorder = AWSXRayRecorder()
    recorder.configure(
        service="cruddur", sampling=False, daemon_address=vendors.environ()["AWS_XRAY_DAEMON_ADDRESS"], plugins=()
    )
    yield recorder
    recorder.clear_trace_entities()
    recorder.emitter._socket.close()  # the SDK itself never closes it


@pytest.fixture
def client(vendors: Vendors) -> Iterator[BaseClient]:
    vendors.sampling.rules = [RULE]
    client = botocore.session.get_session().create_client(
        "xray",
        endpoint_url=f"http://{vendors.environ()['AWS_XRAY_DAEMON_ADDRESS']}",
        region_name="eu-central-1",
        aws_access_key_id="dummy",
        aws_secret_access_key="dummy",
    )
    yield client
    client.close()


def test_a_segment_arrives_as_the_sdk_sent_it(recorder: AWSXRayRecorder, vendors: Vendors) -> None:
    """A segment with its annotations and subsegments is the document that the SDK serialized."""
    with recorder.in_segment("cruddur") as segment:
        segment.put_annotation("route", "/home")
        with recorder.in_subsegment("mock-data") as subsegment:
            subsegment.put_metadata("now", "today")

    vendors.wait_for(lambda: vendors.documents != [], why="the segment")
    assert vendors.documents == [json.loads(segment.serialize())]
    [document] = vendors.documents
    assert document["annotations"] == {"route": "/home"}
    assert document["subsegments"][0]["metadata"] == {"default": {"now": "today"}}


def test_a_subsegment_may_arrive_on_its_own(recorder: AWSXRayRecorder, vendors: Vendors) -> None:
    """A large segment arrives in parts, and each subsegment names its parent."""
    recorder.configure(streaming_threshold=0)
    with recorder.in_segment("cruddur") as segment, recorder.in_subsegment("mock-data"):
        pass

    vendors.wait_for(lambda: len(vendors.documents) == 2, why="subsegment and segment")
    subsegment, parent = vendors.documents
    assert (subsegment["type"], subsegment["parent_id"]) == ("subsegment", segment.id)
    assert (subsegment["trace_id"], parent["id"]) == (segment.trace_id, segment.id)


def test_a_burst_of_datagrams_is_received_whole(vendors: Vendors) -> None:
    """A burst of a thousand datagrams loses none."""
    host, port = vendors.environ()["AWS_XRAY_DAEMON_ADDRESS"].split(":")
    datagram = HEADER + json.dumps(SEGMENT | {"metadata": "x" * 2000}).encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(1000):
            sender.sendto(datagram, (host, int(port)))
    vendors.wait_for(lambda: len(vendors.documents) == 1000, why="every datagram")


def test_garbage_over_udp_is_refused_and_nothing_else_happens(vendors: Vendors) -> None:
    """An invalid datagram is noted as refused, and the next one is received."""
    host, port = vendors.environ()["AWS_XRAY_DAEMON_ADDRESS"].split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in (b"", b"\xff\x00", HEADER, HEADER + json.dumps(SEGMENT).encode()):
            sender.sendto(datagram, (host, int(port)))
    vendors.wait_for(lambda: vendors.documents == [SEGMENT], why="the good document")
    assert [refusal.request.body for refusal in vendors.refused] == [b"", b"\xff\x00", HEADER]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "a" * 200},
        {"name": "Größe 1_.:/%&#=+\\-@"},
        {"in_progress": True},
        {"start_time": 1, "end_time": 2},
        {"parent_id": "defdfd9912dc5a56"},
        {"type": "subsegment", "parent_id": "defdfd9912dc5a56"},
        {"subsegments": [{"id": "53995c3f42cd8ad8", "name": "api", "start_time": 1.5, "in_progress": True}]},
        {"anything": {"else": [1, None]}},
    ],
)
def test_documents_that_x_ray_takes(changes: dict[str, Any]) -> None:
    """A document that the developer guide allows is received unchanged."""
    document = SEGMENT | changes
    assert xray.receive_datagram(HEADER + json.dumps(document).encode()) == document


SUBSEGMENT = {"id": "53995c3f42cd8ad8", "name": "api", "start_time": 1.5, "end_time": 2.5}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": None}, "InvalidName"),
        ({"name": ""}, "InvalidName"),
        ({"name": "a" * 201}, "InvalidName"),
        ({"name": "[home]"}, "InvalidName"),
        ({"id": 5}, "InvalidId"),
        ({"id": "70de5b6f19ff9a0"}, "InvalidId"),
        ({"id": "70de5b6f19ff9a0g"}, "InvalidId"),
        ({"trace_id": "581cf771a006649127e371903a2de979"}, "InvalidTraceId"),
        ({"trace_id": "2-581cf771-a006649127e371903a2de979"}, "InvalidTraceId"),
        ({"trace_id": "1-581cf771-a006649127e371903a2de979\n"}, "InvalidTraceId"),
        ({"start_time": "1478293361.271"}, "InvalidStartTime"),
        ({"start_time": True}, "InvalidStartTime"),
        ({"start_time": -1}, "InvalidStartTime"),
        ({"end_time": None}, "InvalidEndTime"),
        ({"end_time": None, "in_progress": 1}, "InvalidEndTime"),
        ({"end_time": None, "in_progress": True}, "InvalidEndTime"),
        ({"end_time": "later", "in_progress": True}, "InvalidEndTime"),
        ({"subsegments": [SUBSEGMENT | {"end_time": None, "in_progress": True}]}, "InvalidEndTime"),
        ({"type": "segment"}, "InvalidType"),
        ({"type": "subsegment"}, "MissingParentId"),
        ({"type": "subsegment", "parent_id": ""}, "InvalidParentId"),
        ({"subsegments": {}}, "InvalidSubsegments"),
        ({"subsegments": ["api"]}, "InvalidSubsegments"),
        ({"subsegments": [SUBSEGMENT, SUBSEGMENT | {"name": "a,b"}]}, "InvalidName"),
        ({"subsegments": [SUBSEGMENT | {"subsegments": [{}]}]}, "MissingId"),
        ({"metadata": "x" * MAX_DOCUMENT_BYTES}, "SegmentTooLarge"),
    ],
)
def test_documents_that_x_ray_leaves_unprocessed(changes: dict[str, Any], code: str) -> None:
    """A document that the developer guide forbids is unprocessed with a code, and the others are kept."""
    bad, good = json.dumps(SEGMENT | changes), json.dumps(SEGMENT)
    documents, response = xray.put_trace_segments(json.dumps({"TraceSegmentDocuments": [bad, good]}).encode())
    assert documents == [SEGMENT]
    [unprocessed] = json.loads(response.body)["UnprocessedTraceSegments"]
    assert unprocessed["ErrorCode"] == code
    assert code in unprocessed["Message"]


@pytest.mark.parametrize("field", SEGMENT)
def test_a_required_field_must_be_there(field: str) -> None:
    """A segment needs each of the five required fields."""
    document = {name: value for name, value in SEGMENT.items() if name != field}
    with pytest.raises(Refused, match=field):
        xray.receive_datagram(HEADER + json.dumps(document).encode())


@pytest.mark.parametrize("document", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_a_datagram_must_hold_a_json_object(document: bytes) -> None:
    """A datagram without a JSON object is no segment document."""
    with pytest.raises(Refused):
        xray.receive_datagram(HEADER + document)


@pytest.mark.parametrize(
    "header",
    [b"", b"\n", b"{}\n", b'{"format": "xml", "version": 1}\n', b'{"format": "json", "version": 2}\n', b"[]\n"],
)
def test_a_datagram_must_begin_with_its_header(header: bytes) -> None:
    """A datagram without the header of version 1 is refused."""
    with pytest.raises(Refused):
        xray.receive_datagram(header + json.dumps(SEGMENT).encode())


def test_botocore_reads_unprocessed_documents(client: BaseClient, vendors: Vendors) -> None:
    """The client reads which documents were unprocessed, with their ids where they could be read."""
    bad = json.dumps(SEGMENT | {"name": "[home]"})
    response = client.put_trace_segments(TraceSegmentDocuments=[json.dumps(SEGMENT), bad, "garbage"])
    invalid, unreadable = response["UnprocessedTraceSegments"]
    assert (invalid["Id"], invalid["ErrorCode"]) == (SEGMENT["id"], "InvalidName")
    assert (unreadable.get("Id"), unreadable["ErrorCode"]) == (None, "ParseError")
    assert vendors.documents == [SEGMENT]


def test_sampling_rules_are_what_botocore_reads(client: BaseClient) -> None:
    """GetSamplingRules lists the rules with their creation time."""
    [record] = client.get_sampling_rules()["SamplingRuleRecords"]
    assert record["SamplingRule"] == RULE
    assert record["CreatedAt"] == record["ModifiedAt"]


def test_sampling_targets_follow_the_rules(client: BaseClient, vendors: Vendors) -> None:
    """GetSamplingTargets returns a quota for each reported rule, lists unknown ones, and keeps the statistics."""
    response = client.get_sampling_targets(
        SamplingStatisticsDocuments=[STATISTICS, STATISTICS | {"RuleName": "Forgotten"}]
    )
    [target] = response["SamplingTargetDocuments"]
    assert (target["RuleName"], target["FixedRate"], target["ReservoirQuota"]) == ("Cruddur", 0.1, 5)
    assert target["Interval"] == 10
    [unknown] = response["UnprocessedStatistics"]
    assert unknown["RuleName"] == "Forgotten"
    assert [document["RuleName"] for document in vendors.sampling.statistics] == ["Cruddur", "Forgotten"]


def test_a_wrong_request_is_an_invalid_request_exception(client: BaseClient) -> None:
    """The client raises the service's own exception for invalid statistics."""
    with pytest.raises(client.exceptions.InvalidRequestException, match="ClientID"):
        client.get_sampling_targets(SamplingStatisticsDocuments=[STATISTICS | {"ClientID": "z" * 24}])


def test_the_sdk_sees_rules_change_within_its_poll(client: BaseClient, vendors: Vendors) -> None:
    """Rules that change in the second of the SDK's last fetch are newer than it, so the SDK fetches again."""
    connector = ServiceConnector()
    connector.setup_xray_client(ip=None, port=None, client=client)
    last_updated = int(time.time())  # as the SDK's rule poller notes it
    rules = connector.fetch_sampling_rules()
    vendors.sampling.rules = [RULE | {"FixedRate": 1.0}]
    _, last_modified = connector.fetch_sampling_target(rules)
    assert last_modified > last_updated
    assert [rule.rate for rule in connector.fetch_sampling_rules()] == [1.0]


def sampling_refusal(path: str, body: bytes) -> VendorResponse:
    with pytest.raises(Refused) as refused:
        xray.SamplingAPI([RULE]).handle(path, body)
    return refused.value.response


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_the_api_takes_json_objects_only(body: bytes) -> None:
    """A request that is no JSON object is refused with 400 and InvalidRequestException."""
    for path in ("/GetSamplingRules", "/SamplingTargets"):
        assert sampling_refusal(path, body).status == 400
    with pytest.raises(Refused) as refused:
        xray.put_trace_segments(body)
    assert refused.value.response.headers == {"x-amzn-errortype": "InvalidRequestException"}


@pytest.mark.parametrize(
    "documents",
    [
        None,
        {},
        [None],
        [STATISTICS] * 26,
        *(
            [STATISTICS | change]
            for change in (
                {"RuleName": ""},
                {"RuleName": "a" * 33},
                {"ClientID": 1},
                {"Timestamp": "now"},
                {"Timestamp": True},
                {"RequestCount": -1},
                {"SampledCount": 1.5},
                {"BorrowCount": None},
            )
        ),
    ],
)
def test_statistics_must_be_as_the_service_model_has_them(documents: object) -> None:
    """Statistics with a missing field, or one of the wrong type, are an invalid request."""
    body = json.dumps({"SamplingStatisticsDocuments": documents}).encode()
    assert sampling_refusal("/SamplingTargets", body).status == 400


@pytest.mark.parametrize("documents", [None, "{}", {}, [{}], [1]])
def test_trace_segment_documents_must_be_a_list_of_strings(documents: object) -> None:
    """TraceSegmentDocuments contains strings. An object makes the request invalid."""
    with pytest.raises(Refused, match="TraceSegmentDocuments"):
        xray.put_trace_segments(json.dumps({"TraceSegmentDocuments": documents}).encode())


def test_another_path_is_unknown() -> None:
    """The daemon's port serves the two sampling operations only."""
    assert sampling_refusal("/GetGroups", b"{}").status == 404


def test_only_the_newest_statistics_are_kept() -> None:
    """The list of statistics stays bounded."""
    api = xray.SamplingAPI([RULE])
    for count in range(KEPT_STATISTICS_DOCUMENTS + 5):
        body = {"SamplingStatisticsDocuments": [STATISTICS | {"RequestCount": count}]}
        api.handle("/SamplingTargets", json.dumps(body).encode())
    assert len(api.statistics) == KEPT_STATISTICS_DOCUMENTS
    assert api.statistics[0]["RequestCount"] == 5


VALUES = json_values(*SEGMENT, *STATISTICS, "type", "parent_id", "subsegments", "in_progress")


@given(st.binary() | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_datagram_is_received_or_refused(document: bytes) -> None:
    """No bytes make the receiver raise anything but Refused."""
    for datagram in (document, HEADER + document):
        try:
            json.dumps(xray.receive_datagram(datagram), allow_nan=False).encode()
        except Refused as refused:
            assert str(refused)  # noqa: PT017 - either result is right


@given(st.binary() | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_request_is_responded_or_refused(body: bytes) -> None:
    """No bytes make the API raise anything but Refused."""
    texts = [body.decode(errors="replace")]
    [unprocessed] = json.loads(xray.put_trace_segments(json.dumps({"TraceSegmentDocuments": texts}).encode())[1].body)[
        "UnprocessedTraceSegments"
    ]
    assert unprocessed["ErrorCode"]
    for path in ("/GetSamplingRules", "/SamplingTargets"):
        try:
            assert xray.SamplingAPI([RULE]).handle(path, body).status == 200
        except Refused as refused:
            assert refused.response.status == 400  # noqa: PT017 - either result is right


@given(VALUES)
def test_any_statistics_are_responded_or_refused(value: object) -> None:
    """No JSON as statistics makes the API raise anything but Refused."""
    body = json.dumps({"SamplingStatisticsDocuments": [value]}).encode()
    try:
        assert xray.SamplingAPI([RULE]).handle("/SamplingTargets", body).status == 200
    except Refused as refused:
        assert refused.response.status == 400  # noqa: PT017 - either result is right
