"""Read the CloudFormation templates as data."""

from pathlib import Path
from typing import Any

from cfnlint.decode.cfn_yaml import load

FOLDER = Path(__file__).parents[2] / "aws" / "cloudformation"


def template(kind: str) -> dict[str, Any]:
    """Return a template with its short forms spelt out: !Ref becomes {"Ref": "LogGroupName"}."""
    loaded: dict[str, Any] = load(str(FOLDER / f"{kind}.yml"))
    return loaded


def properties(kind: str, resource: str) -> dict[str, Any]:
    found: dict[str, Any] = template(kind)["Resources"][resource]["Properties"]
    return found


def types(kind: str) -> set[str]:
    return {resource["Type"] for resource in template(kind)["Resources"].values()}


def with_defaults(value: Any, kind: str) -> Any:
    """Replace each !Ref to a parameter with the parameter's default, if it has one."""
    parameters = template(kind)["Parameters"]
    if isinstance(value, dict):
        if set(value) == {"Ref"} and "Default" in parameters.get(value["Ref"], {}):
            return parameters[value["Ref"]]["Default"]
        return {name: with_defaults(part, kind) for name, part in value.items()}
    return [with_defaults(part, kind) for part in value] if isinstance(value, list) else value
