"""The collector's configuration is valid YAML with known keys, and agrees with the API.

These tests don't run the collector, because no package registry has it. A schema from its documentation and the checks
below stand in for the collector's own checks of keys and components. An error in the schema would stay unnoticed.
"""

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from config import Settings
from stand_in import ROOT

SCHEMA = json.loads((Path(__file__).parent / "otel-collector.schema.json").read_text())
KINDS = ("extensions", "receivers", "processors", "exporters")


class OnceOnly(yaml.SafeLoader):
    """Refuse a duplicate key. YAML's own loader silently uses the last one."""


def _mapping(loader: OnceOnly, node: yaml.MappingNode) -> dict[str, Any]:
    keys = [key.value for key, _ in node.value]
    assert len(keys) == len(set(keys)), keys
    return {str(key): value for key, value in loader.construct_pairs(node, deep=True)}


OnceOnly.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@pytest.fixture
def collector() -> dict[str, Any]:
    text = (ROOT / "aws" / "otel-collector.yml").read_text()
    loaded: dict[str, Any] = yaml.load(text, OnceOnly)
    return loaded


def used(collector: dict[str, Any]) -> dict[str, list[str]]:
    """Return the ids of the used components, by kind, in the service's order."""
    service = collector["service"]
    found = {"extensions": list(service["extensions"])}
    for kind in KINDS[1:]:
        found[kind] = [name for pipeline in service["pipelines"].values() for name in pipeline[kind]]
    return found


def test_every_key_is_one_that_the_component_knows(collector: dict[str, Any]) -> None:
    """Every key is known to its component, and its value has the right type."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(collector)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("processors", "tail_sampling", "policies", 0, "status_code"), {"status_codes": ["FAILED"]}),
        (("processors", "tail_sampling", "policies", 1, "latency"), {"treshold_ms": 500}),
        (("processors", "tail_sampling", "decision_wait"), "ten seconds"),
        (("exporters", "awsxray", "index_attributes"), ["application"]),
        (("exporters", "otlp_http/honeycomb", "endpoint"), "http://api.honeycomb.io"),
        (("receivers", "oltp"), {}),
        (("receivers", "otlp", "protocols", "http", "cors"), {"allow_origins": ["http://localhost:3000"]}),
        (("service", "pipelines", "trace"), {}),
    ],
)
def test_the_schema_finds_a_slip(collector: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    """The schema finds errors such as a misspelt key, which would turn off a policy."""
    slipped = copy.deepcopy(collector)
    *way, last = path
    part: Any = slipped
    for step in way:
        part = part[step]
    part[last] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(slipped)


def test_what_is_defined_is_used_and_what_is_used_is_defined(collector: dict[str, Any]) -> None:
    """Every defined component is used, and every used component is defined. The collector reports only the second."""
    for kind, names in used(collector).items():
        assert sorted(names) == sorted(collector[kind])


def test_the_order_of_the_processors(collector: dict[str, Any]) -> None:
    """The memory limiter is first, and the batch processor is last, after sampling."""
    processors = used(collector)["processors"]
    assert processors[0] == "memory_limiter"
    assert processors[-1] == "batch"


def test_errors_and_slow_requests_are_kept_whole(collector: dict[str, Any]) -> None:
    """All errors and slow requests are kept; of the rest, the share that X-Ray's sampling rule takes."""
    policies = {policy["type"]: policy for policy in collector["processors"]["tail_sampling"]["policies"]}
    assert policies["status_code"]["status_code"] == {"status_codes": ["ERROR"]}
    assert policies["latency"]["latency"]["threshold_ms"] > 0
    rule = json.loads((ROOT / "aws" / "json" / "xray.json").read_text())["SamplingRule"]
    assert policies["probabilistic"]["probabilistic"]["sampling_percentage"] == 100 * rule["FixedRate"]


def test_the_longest_request_is_decided_on_whole(collector: dict[str, Any]) -> None:
    """The collector waits longer for a trace than gunicorn's timeout lets a request last."""
    gunicorn = (ROOT / "backend-flask" / "gunicorn.conf.py").read_text()
    timeout = int(re.findall(r"^timeout = (\d+)", gunicorn, re.MULTILINE)[0])
    assert int(collector["processors"]["tail_sampling"]["decision_wait"].removesuffix("s")) > timeout


def test_x_ray_finds_the_traces_and_their_lines(collector: dict[str, Any]) -> None:
    """The group's annotation is indexed, and the log group is the API's."""
    (action,) = collector["processors"]["attributes"]["actions"]
    group = json.loads((ROOT / "aws" / "json" / "xray-group.json").read_text())
    assert group["FilterExpression"] == f'annotation.{action["key"]} = "{action["value"]}"'
    exporter = collector["exporters"]["awsxray"]
    assert exporter["indexed_attributes"] == [action["key"]]
    assert exporter["aws_log_groups"] == [Settings().log_group]


def test_the_frontends_pages_may_send_and_no_others(collector: dict[str, Any]) -> None:
    """Only the frontend's origin may send from a browser. OpenTelemetry's web exporters send OTLP over HTTP."""
    http = collector["receivers"]["otlp"]["protocols"]["http"]
    assert http["cors"]["allowed_origins"] == ["${env:FRONTEND_URL}"]


def test_compose_runs_it(collector: dict[str, Any]) -> None:
    """Compose runs the collector in its own profile, with its variables, on a port that the console does not use."""
    services = yaml.load((ROOT / "docker-compose.yml").read_text(), OnceOnly)["services"]
    service = services["collector"]
    assert service["profiles"] == ["collector"]
    assert service["volumes"] == ["./aws/otel-collector.yml:/etc/otelcol-contrib/config.yaml:ro"]
    names = set(re.findall(r"\$\{env:(\w+)\}", (ROOT / "aws" / "otel-collector.yml").read_text()))
    assert names <= service["environment"].keys()
    port = collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"].rpartition(":")[2]
    assert service["ports"] == [f"127.0.0.1:4319:{port}"]
    assert not any("4319" in published for published in services["console"]["ports"])
    # The page is built without a key: the collector has the key in its environment.
    assert not any("KEY" in name for name in services["frontend-react-js"]["environment"])


def test_no_secret_is_in_it() -> None:
    """The key and the region come from the environment. The file's first lines and its page name the variables."""
    text = (ROOT / "aws" / "otel-collector.yml").read_text()
    names = set(re.findall(r"\$\{env:(\w+)\}", text))
    assert names == {"HONEYCOMB_API_KEY", "FRONTEND_URL", "AWS_REGION"}
    for place in (text.partition("extensions:")[0], (ROOT / "docs" / "collector.md").read_text()):
        assert all(name in place for name in names)
    assert "x-honeycomb-team: ${env:HONEYCOMB_API_KEY}" in text
