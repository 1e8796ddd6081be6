"""The collector's configuration: its YAML, its keys, and what it has to agree on with the API.

The collector itself isn't run here: no package registry has it. What it would report about an unknown key or of a
component that isn't defined, a schema written from its documentation and the checks below say. A slip in the schema
wouldn't be noticed.
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
    """Refuses a key that is there twice, of which YAML's loader takes the last without a word."""


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
    """By kind of component, the ids in the order in which the service names them."""
    service = collector["service"]
    found = {"extensions": list(service["extensions"])}
    for kind in KINDS[1:]:
        found[kind] = [name for pipeline in service["pipelines"].values() for name in pipeline[kind]]
    return found


def test_every_key_is_one_that_the_component_knows(collector: dict[str, Any]) -> None:
    """And has a value of the right kind."""
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
    """Such as a misspelt key, by which a policy would do nothing."""
    slipped = copy.deepcopy(collector)
    *way, last = path
    part: Any = slipped
    for step in way:
        part = part[step]
    part[last] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(slipped)


def test_what_is_defined_is_used_and_what_is_used_is_defined(collector: dict[str, Any]) -> None:
    """The collector refuses the one, and says nothing of the other."""
    for kind, names in used(collector).items():
        assert sorted(names) == sorted(collector[kind])


def test_the_order_of_the_processors(collector: dict[str, Any]) -> None:
    """Memory is guarded first, and batches are made last, of what sampling left."""
    processors = used(collector)["processors"]
    assert processors[0] == "memory_limiter"
    assert processors[-1] == "batch"


def test_errors_and_slow_requests_are_kept_whole(collector: dict[str, Any]) -> None:
    """Of the rest, the share that X-Ray's own rule takes."""
    policies = {policy["type"]: policy for policy in collector["processors"]["tail_sampling"]["policies"]}
    assert policies["status_code"]["status_code"] == {"status_codes": ["ERROR"]}
    assert policies["latency"]["latency"]["threshold_ms"] > 0
    rule = json.loads((ROOT / "aws" / "json" / "xray.json").read_text())["SamplingRule"]
    assert policies["probabilistic"]["probabilistic"]["sampling_percentage"] == 100 * rule["FixedRate"]


def test_the_longest_request_is_decided_on_whole(collector: dict[str, Any]) -> None:
    """gunicorn ends a request after its timeout."""
    gunicorn = (ROOT / "backend-flask" / "gunicorn.conf.py").read_text()
    timeout = int(re.findall(r"^timeout = (\d+)", gunicorn, re.MULTILINE)[0])
    assert int(collector["processors"]["tail_sampling"]["decision_wait"].removesuffix("s")) > timeout


def test_x_ray_finds_the_traces_and_their_lines(collector: dict[str, Any]) -> None:
    """The group's annotation is one, and the log group is the API's."""
    (action,) = collector["processors"]["attributes"]["actions"]
    group = json.loads((ROOT / "aws" / "json" / "xray-group.json").read_text())
    assert group["FilterExpression"] == f'annotation.{action["key"]} = "{action["value"]}"'
    exporter = collector["exporters"]["awsxray"]
    assert exporter["indexed_attributes"] == [action["key"]]
    assert exporter["aws_log_groups"] == [Settings().log_group]


def test_the_frontends_pages_may_send_and_no_others(collector: dict[str, Any]) -> None:
    """By its origin, over HTTP: what OpenTelemetry's web exporters speak."""
    http = collector["receivers"]["otlp"]["protocols"]["http"]
    assert http["cors"]["allowed_origins"] == ["${env:FRONTEND_URL}"]


def test_compose_runs_it(collector: dict[str, Any]) -> None:
    """In a profile of its own, with what it names in its environment, at a port that the console leaves free."""
    services = yaml.load((ROOT / "docker-compose.yml").read_text(), OnceOnly)["services"]
    service = services["collector"]
    assert service["profiles"] == ["collector"]
    assert service["volumes"] == ["./aws/otel-collector.yml:/etc/otelcol-contrib/config.yaml:ro"]
    names = set(re.findall(r"\$\{env:(\w+)\}", (ROOT / "aws" / "otel-collector.yml").read_text()))
    assert names <= service["environment"].keys()
    port = collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"].rpartition(":")[2]
    assert service["ports"] == [f"127.0.0.1:4319:{port}"]
    assert not any("4319" in published for published in services["console"]["ports"])
    # The page is built with no key: it is in the collector's environment.
    assert not any("KEY" in name for name in services["frontend-react-js"]["environment"])


def test_no_secret_is_in_it() -> None:
    """The key and the region come from the environment, by names that its first lines and its page have."""
    text = (ROOT / "aws" / "otel-collector.yml").read_text()
    names = set(re.findall(r"\$\{env:(\w+)\}", text))
    assert names == {"HONEYCOMB_API_KEY", "FRONTEND_URL", "AWS_REGION"}
    for place in (text.partition("extensions:")[0], (ROOT / "docs" / "collector.md").read_text()):
        assert all(name in place for name in names)
    assert "x-honeycomb-team: ${env:HONEYCOMB_API_KEY}" in text
