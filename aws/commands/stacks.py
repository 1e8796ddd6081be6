"""CloudFormation stacks, which are changed through change sets.

A change set lists the changes before they are made.
"""

import time
import uuid
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from account import Failed, Missing, Wrong
from changes import in_words

TEMPLATES = Path(__file__).resolve().parents[1] / "cloudformation"
# By the kind of stack: the command that creates it.
MADE_BY = {"observability": "aws/bin/provision", "registry": "aws/bin/deploy", "service": "aws/bin/deploy"}
POLL_SECONDS = 3
NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
BEGINNINGS = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"}


class Outputs(dict[str, str]):
    """A stack's outputs, by name.

    A missing output raises Missing, because the stack may be of another version.
    """

    def __init__(self, stack: "Stack") -> None:
        self._stack = stack
        outputs = (stack.describe() or {}).get("Outputs", [])
        super().__init__((output["OutputKey"], output["OutputValue"]) for output in outputs)

    def __missing__(self, name: str) -> str:
        of = self._stack
        raise Missing(f"The stack {of.name} has no output {name}: it is of another version. Run {MADE_BY[of.kind]}.")


class Stack:
    """A stack named cruddur-`kind`, from the template `kind`.yml."""

    def __init__(self, session: boto3.Session, kind: str) -> None:
        self.kind = kind
        self.name = f"cruddur-{kind}"
        self._template = TEMPLATES / f"{kind}.yml"
        self._cloudformation = session.client("cloudformation")

    def describe(self) -> dict[str, Any] | None:
        """Return CloudFormation's description of the stack.

        Returns None if there is no stack, or only the change set of a new one.
        """
        try:
            stack: dict[str, Any] = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError" and "does not exist" in str(error):
                return None
            raise
        return None if stack["StackStatus"] in {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"} else stack

    def outputs(self) -> Outputs:
        return Outputs(self)

    def resources(self) -> list[dict[str, Any]]:
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return [resource for page in pages for resource in page["StackResourceSummaries"]]

    def apply(self, parameters: dict[str, str], dry_run: bool) -> None:
        """Create or change the stack as the template says, and print the changes.

        parameters: any other parameter keeps its value in the stack, or has the template's default in a new one

        Raises Wrong, and Failed with the reasons.
        """
        stack = self.describe()
        if stack and stack["StackStatus"] == "ROLLBACK_COMPLETE":
            raise Failed(
                f"{self.name} failed when it was created. Delete it, then run this command again:\n"
                f"  aws cloudformation delete-stack --stack-name {self.name}"
            )
        change_set = self._propose(stack, parameters)
        if change_set is None:
            print(f"{self.name}: nothing to change")
            return
        print(f"{self.name}: {'would be' if dry_run else 'is'} {'changed' if stack else 'created'}")
        for change in change_set["Changes"]:
            print(f"  {in_words(change['ResourceChange'])}")
        if dry_run:
            self._delete_change_set(change_set, is_new=stack is None)
            return
        self._cloudformation.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
        self._wait()

    def delete(self) -> None:
        """Delete the stack, and wait until it is deleted.

        Raises Failed.
        """
        self._cloudformation.delete_stack(StackName=self.name)
        self._wait(deleting=True)

    def _propose(self, stack: dict[str, Any] | None, parameters: dict[str, str]) -> dict[str, Any] | None:
        """Create a change set, and wait until it can be executed.

        Returns None if there is nothing to change.
        """
        template = self._template.read_text(encoding="utf-8")
        declared = self._cloudformation.get_template_summary(TemplateBody=template).get("Parameters", [])
        names = {parameter["ParameterKey"] for parameter in declared}
        if unknown := sorted(set(parameters) - names):
            raise Wrong(f"{self._template.name} has no parameter {unknown[0]}. It has: {', '.join(sorted(names))}")
        defaults = {p["ParameterKey"]: p["DefaultValue"] for p in declared if "DefaultValue" in p}
        before = {p["ParameterKey"]: p["ParameterValue"] for p in (stack or {}).get("Parameters", [])}
        values = {name: value for name, value in (defaults | before | parameters).items() if name in names}
        made = self._cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"by-command-{uuid.uuid4().hex[:12]}",
            ChangeSetType="UPDATE" if stack else "CREATE",
            TemplateBody=template,
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
            Capabilities=["CAPABILITY_IAM"],
            Tags=[{"Key": "application", "Value": "cruddur"}],
        )
        while True:
            change_set: dict[str, Any] = self._cloudformation.describe_change_set(ChangeSetName=made["Id"])
            if change_set["Status"] not in {"CREATE_PENDING", "CREATE_IN_PROGRESS"}:
                break
            time.sleep(POLL_SECONDS)
        if change_set["Status"] != "FAILED":
            return change_set
        self._delete_change_set(change_set, is_new=stack is None)
        reason = change_set.get("StatusReason", "")
        if any(words in reason for words in NO_CHANGES):
            return None
        raise Failed(f"{self.name} can't be {'changed' if stack else 'created'}: {reason}")

    def _delete_change_set(self, change_set: dict[str, Any], is_new: bool) -> None:
        self._cloudformation.delete_change_set(ChangeSetName=change_set["ChangeSetId"])
        if is_new:  # A change set for a new stack leaves an empty stack.
            self._cloudformation.delete_stack(StackName=self.name)

    def _wait(self, deleting: bool = False) -> None:
        last_status = ""
        while True:
            stack = self.describe()
            # For a moment, a new stack looks as if its change set were not executed.
            status = stack["StackStatus"] if stack else "DELETE_COMPLETE" if deleting else "REVIEW_IN_PROGRESS"
            if status != last_status:
                print(f"{self.name}: {status}", flush=True)
                last_status = status
            if not status.endswith("_IN_PROGRESS"):
                break
            time.sleep(POLL_SECONDS)
        wanted = {"DELETE_COMPLETE"} if deleting else {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
        if status not in wanted:
            raise Failed(f"{self.name} failed:\n{self._reasons()}")

    def _reasons(self) -> str:
        """Return the reasons of the resources that failed this time, oldest first.

        The later resources usually fail because of the first.
        """
        failed: list[str] = []
        pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=self.name)
        for event in (event for page in pages for event in page["StackEvents"]):  # the newest first
            if event["LogicalResourceId"] == self.name and event["ResourceStatus"] in BEGINNINGS:
                break
            if event["ResourceStatus"].endswith("_FAILED"):
                reason = event.get("ResourceStatusReason", "")
                failed.append(f"  {event['ResourceType']} {event['LogicalResourceId']}: {reason}")
        return "\n".join(reversed(failed))
