"""The sampling rule's file applies until AWS's rules arrive."""

import json
from pathlib import Path
from typing import Any

import pytest
from sametrace.xray.sampling import local_rules

RULE = json.loads((Path(__file__).parents[2] / "wire" / "every_request.json").read_text())["SamplingRule"]


def written(folder: Path, **fields: Any) -> Path:
    path = folder / "rule.json"
    path.write_text(json.dumps({"SamplingRule": RULE | fields}))
    return path


@pytest.mark.parametrize("fields", [{"FixedRate": 2}, {"FixedRate": -0.1}, {"ReservoirSize": -1}, {"FixedRate": "all"}])
def test_an_invalid_share_is_refused(fields: dict[str, Any], tmp_path: Path) -> None:
    """An invalid share is refused with the file's name: a rate of 2 would sample everything instead of 2 %."""
    with pytest.raises(ValueError, match=r"rule\.json holds no X-Ray sampling rule"):
        local_rules(written(tmp_path, **fields))


@pytest.mark.parametrize(("rate", "size"), [(0, 0), (1, 50), (0.05, 1)])
def test_none_and_all_are_shares(rate: float, size: int, tmp_path: Path) -> None:
    """Rates of none and all are valid, and the default rule has the same rate."""
    rules = local_rules(written(tmp_path, FixedRate=rate, ReservoirSize=size))

    [rule] = rules["rules"]
    assert rules["default"] == {"fixed_target": size, "rate": rate}
    assert (rule["fixed_target"], rule["rate"]) == (size, rate)
