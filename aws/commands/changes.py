"""Describe in words what a change set does."""

from typing import Any

SIGNS = {"Add": "+", "Modify": "~", "Remove": "-"}


def in_words(change: dict[str, Any]) -> str:
    """Describe the change of one resource in a line.

    change: CloudFormation's ResourceChange
    """
    resource = f"{change['ResourceType']} {change['LogicalResourceId']}"
    replacement = change.get("Replacement")
    if replacement == "True":
        return f"! {resource}: replaced; the old one is deleted with its contents"
    if replacement == "Conditional":
        return f"~ {resource}: possibly replaced; if so, the old one is deleted with its contents"
    return f"{SIGNS.get(change['Action'], '~')} {resource}"
