"""Read X-Ray's sampling rule from aws/json/xray.json.

AWS's command line takes the same file.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from traces import Record

DEFAULT = Path(__file__).resolve().parents[2] / "aws" / "json" / "xray.json"


@dataclass(frozen=True)
class SamplingRule:
    """X-Ray's sampling rule, with the patterns that a segment must match.

    In a pattern, * is any characters, and ? is one. Case doesn't matter.
    """

    name: str
    service_name: str = "*"
    host: str = "*"
    method: str = "*"
    path: str = "*"
    fixed_rate: float | None = None  # Of the requests that the reservoir doesn't take.
    reservoir: float | None = None  # Requests a second.

    def mismatch(self, segment: Record) -> tuple[str, str, str] | None:
        """Return the first field of the rule that doesn't match the segment.

        The result has the field, the rule's pattern and the segment's value.
        """
        http = segment.get("http")
        request = http.get("request") if isinstance(http, dict) else None
        request = request if isinstance(request, dict) else {}
        host, path = _host_and_path(request.get("url"))
        found = [
            ("ServiceName", self.service_name, segment["name"]),
            ("Host", self.host, host),
            ("HTTPMethod", self.method, request.get("method")),
            ("URLPath", self.path, path),
        ]
        for field, pattern, value in found:
            if isinstance(value, str) and value and not _matches(pattern, value):
                return field, pattern, value
        return None


def rule_from_env(environ: Mapping[str, str] = os.environ) -> SamplingRule | None:
    """Return the rule that the API uses until AWS has sent its own."""
    return read_rule(Path(environ.get("XRAY_SAMPLING_RULE") or DEFAULT))


def read_rule(file: Path) -> SamplingRule | None:
    """Return the file's rule, or None if the file or its rule is missing."""
    try:
        rule = json.loads(file.read_text(encoding="utf-8"))["SamplingRule"]
        return SamplingRule(
            name=str(rule["RuleName"]),
            service_name=str(rule["ServiceName"]),
            host=str(rule["Host"]),
            method=str(rule["HTTPMethod"]),
            path=str(rule["URLPath"]),
            fixed_rate=_number(rule, "FixedRate"),
            reservoir=_number(rule, "ReservoirSize"),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _number(rule: Record, name: str) -> float | None:
    value = rule.get(name)
    return value if isinstance(value, int | float) else None


def _host_and_path(url: object) -> tuple[str, str]:
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        return "", ""
    return parts.netloc, parts.path


def _matches(pattern: str, value: str) -> bool:
    return _expression(pattern).fullmatch(value) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    # Neighbouring stars are one: each more would cost another pass over the value.
    wild = {"*": ".*", "?": "."}
    parts = (wild.get(part, re.escape(part)) for part in re.split(r"([*?])", re.sub(r"\*+", "*", pattern)))
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
