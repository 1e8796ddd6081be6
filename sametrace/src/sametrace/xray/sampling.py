"""The sampling rule that applies until AWS has sent its own."""

import json
from pathlib import Path
from typing import Any

from sametrace.settings import SettingError


def local_rules(path: Path) -> dict[str, Any]:
    """Return a rule file's sampling rule as the SDK's local rules.

    path: a file for `aws xray create-sampling-rule`

    Raises SettingError if the file has no such rule.
    """
    try:
        rule = json.loads(path.read_text(encoding="utf-8"))["SamplingRule"]
        share = {"fixed_target": int(rule["ReservoirSize"]), "rate": float(rule["FixedRate"])}
        if share["fixed_target"] < 0 or not 0 <= share["rate"] <= 1:
            raise ValueError("its ReservoirSize has to be 0 or more, its FixedRate from 0 to 1")
        matching = {"host": rule["Host"], "http_method": rule["HTTPMethod"], "url_path": rule["URLPath"]}
        return {"version": 2, "rules": [{"description": rule["RuleName"], **matching, **share}], "default": share}
    except (ValueError, TypeError, KeyError) as error:
        raise SettingError(f"{path} holds no X-Ray sampling rule: {type(error).__name__} {error}") from error
