"""Serve X-Ray's centralized sampling, which programs request by TCP.

Source: GetSamplingRules and GetSamplingTargets (AWS X-Ray API reference): REST-JSON, times in seconds since 1970.
"""

import json
import math
import re
import time
from collections import deque
from typing import Any

from receivers import Refused, VendorResponse, strict_json

MAX_STATISTICS_DOCUMENTS = 25  # in one request, by the service model
KEPT_STATISTICS_DOCUMENTS = 1000

_CLIENT_ID = re.compile(r"[0-9a-fA-F]{24}")


def invalid_request(message: str) -> Refused:
    """Return X-Ray's refusal of a request with missing or invalid parameters."""
    return Refused(message, _response({"Message": message}, 400, "InvalidRequestException"))


def unknown_operation(message: str) -> Refused:
    """Return X-Ray's refusal of an unknown path."""
    return Refused(message, _response({"Message": message}, 404, "UnknownOperationException"))


class SamplingAPI:
    """The sampling rules, and the statistics that programs report about them.

    `rules` are SamplingRule objects with AWS's names: RuleName, Priority, FixedRate, ReservoirSize, ServiceName,
    ServiceType, Host, HTTPMethod, URLPath, ResourceARN, Version (1).

    `interval` is the number of seconds that a program should wait before its next report.

    `statistics` has the newest SamplingStatisticsDocuments.
    """

    def __init__(self, rules: list[dict[str, Any]], interval: int = 10) -> None:
        self.interval = interval
        self.statistics: deque[dict[str, Any]] = deque(maxlen=KEPT_STATISTICS_DOCUMENTS)
        self.rules = rules

    @property
    def rules(self) -> list[dict[str, Any]]:
        """The served rules.

        Setting them has the effect of a change in X-Ray's console: their modification time is updated.
        """
        return self._served[0]

    @rules.setter
    def rules(self, rules: list[dict[str, Any]]) -> None:
        # One assignment, so that a concurrent response has the old rules or the new ones, and never a mix.
        self._served = (list(rules), time.time())

    def handle(self, path: str, body: bytes) -> VendorResponse:
        """Respond to a POST to /GetSamplingRules or /SamplingTargets. Raise Refused."""
        try:
            request = strict_json.parse_object(body)
        except ValueError as error:
            raise invalid_request(str(error)) from error
        match path:
            case "/GetSamplingRules":
                return self._rules()
            case "/SamplingTargets":
                return self._targets(request)
            case _:
                raise unknown_operation(f"Unable to determine service/operation name to be authorized: {path[:80]}")

    def _rules(self) -> VendorResponse:
        rules, modified = self._served
        records = [{"SamplingRule": rule, "CreatedAt": modified, "ModifiedAt": modified} for rule in rules]
        return _response({"SamplingRuleRecords": records})

    def _targets(self, request: dict[str, Any]) -> VendorResponse:
        documents = request.get("SamplingStatisticsDocuments")
        if not isinstance(documents, list) or len(documents) > MAX_STATISTICS_DOCUMENTS:
            raise invalid_request(f"SamplingStatisticsDocuments must be a list of {MAX_STATISTICS_DOCUMENTS} at most")
        for document in documents:
            _check_statistics(document)
        self.statistics.extend(documents)
        served, modified = self._served
        rules = {rule["RuleName"]: rule for rule in served}
        reported = [document["RuleName"] for document in documents]
        return _response(
            {
                "SamplingTargetDocuments": [self._target(rules[name]) for name in reported if name in rules],
                # Rounded up, because the SDK compares whole seconds, and would miss a change in the second of its last
                # fetch.
                "LastRuleModification": math.ceil(modified),
                "UnprocessedStatistics": [
                    {"RuleName": name, "ErrorCode": "InvalidRuleName", "Message": "There is no such sampling rule."}
                    for name in reported
                    if name not in rules
                ],
            }
        )

    def _target(self, rule: dict[str, Any]) -> dict[str, Any]:
        return {
            "RuleName": rule["RuleName"],
            "FixedRate": rule["FixedRate"],
            # X-Ray divides the reservoir among all reporting programs. Here each gets the whole reservoir.
            "ReservoirQuota": rule["ReservoirSize"],
            "ReservoirQuotaTTL": int(time.time()) + 2 * self.interval,  # the quota holds even if one report fails
            "Interval": self.interval,
        }


def _check_statistics(document: Any) -> None:
    if not isinstance(document, dict):
        raise invalid_request("a SamplingStatisticsDocument must be an object")
    name, client, timestamp = (document.get(field) for field in ("RuleName", "ClientID", "Timestamp"))
    if not isinstance(name, str) or not 1 <= len(name) <= 32:
        raise invalid_request("RuleName must be a string of 1 to 32 characters")
    if not isinstance(client, str) or not _CLIENT_ID.fullmatch(client):
        raise invalid_request("ClientID must be 24 hexadecimal digits")
    if not isinstance(timestamp, int | float) or isinstance(timestamp, bool):
        raise invalid_request("Timestamp must be a number of seconds")
    for field in ("RequestCount", "SampledCount", "BorrowCount"):
        count = document.get(field, 0 if field == "BorrowCount" else None)
        if type(count) is not int or count < 0:
            raise invalid_request(f"{field} must be a whole number, not negative")


def _response(value: dict[str, Any], status: int = 200, error: str = "") -> VendorResponse:
    headers = {"x-amzn-errortype": error} if error else {}
    return VendorResponse(status, json.dumps(value).encode(), "application/json", headers)
