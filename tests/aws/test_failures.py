"""The commands report failed stacks and replaced resources. moto has neither, so botocore's stubs respond here."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from account import Failed
from stacks import Stack

NAME = "cruddur-observability"
CHANGE_SET = "arn:aws:cloudformation:eu-central-1:123456789012:changeSet/x/1"


class OneClient(boto3.Session):
    """A session that returns the same client for every service."""

    def __init__(self) -> None:
        super().__init__("owner", "dummy", region_name="eu-central-1")
        self.one = super().client("cloudformation")

    def client(self, *arguments: Any, **named: Any) -> Any:
        return self.one


@pytest.fixture
def cloudformation() -> Iterator[tuple[Stack, Stubber]]:
    session = OneClient()
    with Stubber(session.one) as stubber:
        yield Stack(session, "observability"), stubber
        stubber.assert_no_pending_responses()


def described(status: str) -> dict[str, Any]:
    return {"Stacks": [{"StackName": NAME, "StackStatus": status, "CreationTime": datetime.now(UTC)}]}


def event(kind: str, name: str, status: str, reason: str) -> dict[str, Any]:
    ids = {"StackId": "x", "EventId": name, "StackName": NAME, "Timestamp": datetime.now(UTC)}
    return {
        **ids,
        "ResourceType": kind,
        "LogicalResourceId": name,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def expect_a_change_set(stubber: Stubber, status: str, reason: str = "", **changes: dict[str, str]) -> None:
    """changes: by the resource's logical id"""
    stubber.add_response("get_template_summary", {"Parameters": []})
    stubber.add_response("create_change_set", {"Id": CHANGE_SET})
    described_changes = [
        {"Type": "Resource", "ResourceChange": {"LogicalResourceId": name, **change}}
        for name, change in changes.items()
    ]
    response = {"Status": status, "StatusReason": reason, "ChangeSetId": CHANGE_SET, "Changes": described_changes}
    stubber.add_response("describe_change_set", response, {"ChangeSetName": CHANGE_SET})


def test_the_reasons_are_listed_oldest_first(cloudformation: tuple[Stack, Stubber]) -> None:
    """The reasons of a failure are listed, the oldest first. Cancelled resources follow the one that caused it."""
    stack, stubber = cloudformation
    stubber.add_client_error("describe_stacks", "ValidationError", f"Stack with id {NAME} does not exist")
    expect_a_change_set(stubber, "CREATE_COMPLETE")
    stubber.add_response("execute_change_set", {}, {"ChangeSetName": CHANGE_SET})
    stubber.add_response("describe_stacks", described("ROLLBACK_COMPLETE"))
    events = [
        event("AWS::SNS::Topic", "AlarmTopic", "CREATE_FAILED", "Resource creation cancelled"),
        event("AWS::XRay::SamplingRule", "XRaySamplingRule", "CREATE_FAILED", "Cruddur already exists"),
        event("AWS::Logs::LogGroup", "LogGroup", "CREATE_COMPLETE", ""),
    ]
    stubber.add_response("describe_stack_events", {"StackEvents": events}, {"StackName": NAME})

    with pytest.raises(Failed) as failure:
        stack.apply({}, dry_run=False)
    assert str(failure.value).splitlines() == [
        f"{NAME} failed:",
        "  AWS::XRay::SamplingRule XRaySamplingRule: Cruddur already exists",
        "  AWS::SNS::Topic AlarmTopic: Resource creation cancelled",
    ]


def test_an_earlier_failure_is_no_reason(cloudformation: tuple[Stack, Stubber]) -> None:
    """Only the reasons of this attempt are listed, although a stack's events go back to its creation."""
    stack, stubber = cloudformation
    stubber.add_response("describe_stacks", described("UPDATE_COMPLETE"))
    expect_a_change_set(stubber, "CREATE_COMPLETE")
    stubber.add_response("execute_change_set", {}, {"ChangeSetName": CHANGE_SET})
    stubber.add_response("describe_stacks", described("UPDATE_ROLLBACK_COMPLETE"))
    of_the_stack = ("AWS::CloudFormation::Stack", NAME)
    newest_first = [
        event(*of_the_stack, "UPDATE_ROLLBACK_COMPLETE", ""),
        event(*of_the_stack, "UPDATE_ROLLBACK_IN_PROGRESS", "AlarmTopic failed"),
        event("AWS::SNS::Topic", "AlarmTopic", "UPDATE_FAILED", "now"),
        event(*of_the_stack, "UPDATE_IN_PROGRESS", "User Initiated"),
        event(*of_the_stack, "UPDATE_ROLLBACK_COMPLETE", ""),
        event("AWS::SNS::Topic", "AlarmTopic", "UPDATE_FAILED", "a month ago"),
    ]
    # AWS responds in pages.
    for number, page in enumerate((newest_first[:2], newest_first[2:])):
        more = {} if number else {"NextToken": "2"}
        stubber.add_response("describe_stack_events", {"StackEvents": page, **more})
    with pytest.raises(Failed) as failure:
        stack.apply({}, dry_run=False)
    assert str(failure.value).splitlines()[1:] == ["  AWS::SNS::Topic AlarmTopic: now"]


def test_a_new_stack_that_has_not_started(
    cloudformation: tuple[Stack, Stubber], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command waits although a new stack looks for a moment as if its change set were not executed."""
    monkeypatch.setattr("stacks.POLL_SECONDS", 0)
    stack, stubber = cloudformation
    stubber.add_client_error("describe_stacks", "ValidationError", f"Stack with id {NAME} does not exist")
    expect_a_change_set(stubber, "CREATE_COMPLETE")
    stubber.add_response("execute_change_set", {}, {"ChangeSetName": CHANGE_SET})
    for status in ("REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"):
        stubber.add_response("describe_stacks", described(status))
    stack.apply({}, dry_run=False)


def test_a_replaced_resource_is_marked(
    cloudformation: tuple[Stack, Stubber], capsys: pytest.CaptureFixture[str]
) -> None:
    """A replaced log group is marked, because its lines are deleted."""
    stack, stubber = cloudformation
    stubber.add_response("describe_stacks", described("UPDATE_COMPLETE"))
    changed = {"Action": "Modify", "ResourceType": "AWS::Logs::LogGroup"}
    expect_a_change_set(
        stubber,
        "CREATE_COMPLETE",
        LogGroup={**changed, "Replacement": "True"},
        OtherGroup={**changed, "Replacement": "Conditional"},
        KeptGroup={**changed, "Replacement": "False"},
        NewGroup={**changed, "Action": "Add"},
    )
    stubber.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET})
    stack.apply({}, dry_run=True)
    assert capsys.readouterr().out.splitlines() == [
        f"{NAME}: would be changed",
        "  ! AWS::Logs::LogGroup LogGroup: replaced; the old one is deleted with its contents",
        "  ~ AWS::Logs::LogGroup OtherGroup: possibly replaced; if so, the old one is deleted with its contents",
        "  ~ AWS::Logs::LogGroup KeptGroup",
        "  + AWS::Logs::LogGroup NewGroup",
    ]


def test_a_stack_that_failed_when_it_was_created(cloudformation: tuple[Stack, Stubber]) -> None:
    """The message shows the command that deletes a stack that failed when it was created."""
    stack, stubber = cloudformation
    stubber.add_response("describe_stacks", described("ROLLBACK_COMPLETE"))
    with pytest.raises(Failed, match=f"aws cloudformation delete-stack --stack-name {NAME}"):
        stack.apply({}, dry_run=False)


def test_a_change_set_that_fails(cloudformation: tuple[Stack, Stubber]) -> None:
    """The command says why it can't change the stack, and deletes the change set and the empty stack."""
    stack, stubber = cloudformation
    stubber.add_client_error("describe_stacks", "ValidationError", f"Stack with id {NAME} does not exist")
    expect_a_change_set(stubber, "FAILED", "Resource [LogGroup] is managed by another stack")
    stubber.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET})
    stubber.add_response("delete_stack", {}, {"StackName": NAME})
    with pytest.raises(Failed, match=r"can't be created: Resource \[LogGroup\] is managed by another stack"):
        stack.apply({}, dry_run=False)


def test_a_stack_that_cannot_be_deleted(cloudformation: tuple[Stack, Stubber]) -> None:
    """The message names the resource that can't be deleted."""
    stack, stubber = cloudformation
    stubber.add_response("delete_stack", {}, {"StackName": NAME})
    stubber.add_response("describe_stacks", described("DELETE_FAILED"))
    events = [
        event("AWS::IAM::ManagedPolicy", "TelemetryPolicy", "DELETE_FAILED", "Cannot delete a policy attached to users")
    ]
    stubber.add_response("describe_stack_events", {"StackEvents": events}, {"StackName": ANY})
    with pytest.raises(Failed, match="TelemetryPolicy: Cannot delete a policy attached to users"):
        stack.delete()
