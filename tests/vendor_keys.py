"""A plugin for detect-secrets, which `make lint` runs: the API's vendors' keys, even without quotes.

It leaves out keys that detect-secrets finds itself, such as an AWS access key's id. Sources: Honeycomb's page
"Authorization" (the prefixes), Rollbar's "API overview" (the header).
"""

import re
from typing import ClassVar

from detect_secrets.plugins.base import RegexBasedDetector

GIVEN = r"""["']?\s*[:=]\s*["']?"""  # NAME=value, "name": "value", Name: value


class VendorKeyDetector(RegexBasedDetector):
    secret_type = "Key of a telemetry vendor"  # pragma: allowlist secret

    denylist: ClassVar[list[re.Pattern[str]]] = [
        re.compile(r"\bhc[a-z]?(?:ik|lk|mk)_[0-9A-Za-z]{26,}"),
        re.compile(rf"x-honeycomb-team{GIVEN}([0-9A-Za-z]{{20,}})", re.IGNORECASE),
        re.compile(rf"rollbar[\w-]{{0,20}}token{GIVEN}([0-9A-Za-z]{{32,}})", re.IGNORECASE),
        re.compile(rf"aws_?secret_?access_?key{GIVEN}([0-9A-Za-z/+]{{40}})", re.IGNORECASE),
        re.compile(rf"aws_?session_?token{GIVEN}([0-9A-Za-z/+=]{{100,}})", re.IGNORECASE),
    ]
