"""Serve moto, which stands in for AWS, under gunicorn."""

from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.models import ChangeSet, Stack
from moto.core.exceptions import AccessDeniedError, JsonRESTError
from moto.core.responses import BaseResponse
from moto.logs.models import LogGroup
from moto.server import DomainDispatcherApplication, create_backend_app

import network_guard

network_guard.guard()
application = DomainDispatcherApplication(create_backend_app)

moto_apply = ChangeSet.apply


def apply(self: ChangeSet) -> None:
    """Work around moto: a stack from a change set has no outputs, and a changed one keeps its old parameters."""
    moto_apply(self)
    self.stack.template = self.template
    self.stack.parameters = self.parameters
    self.stack._parse_template()
    self.stack.output_map = self.stack._create_output_map()


def parameter_list(self: Stack) -> list[dict[str, Any]]:
    """Work around moto: it writes a list as Python does. CloudFormation separates the values with commas."""
    return [
        {"ParameterKey": name, "ParameterValue": ",".join(value) if isinstance(value, list) else value}
        for name, value in self.resource_map.resolved_parameters.items()
    ]


def change_log_group(
    cls: type[LogGroup], original_resource: LogGroup, cloudformation_json: dict[str, Any], **_: Any
) -> LogGroup:
    """Work around moto: it loses a log group that is changed."""
    original_resource.retention_in_days = cloudformation_json["Properties"]["RetentionInDays"]
    return original_resource


moto_clean_json = parsing.clean_json


def clean_json(resource_json: Any, resources_map: Any) -> Any:
    """Work around moto: it leaves a null in a list where the template has AWS::NoValue."""
    cleaned = moto_clean_json(resource_json, resources_map)
    return [value for value in cleaned if value is not None] if isinstance(cleaned, list) else cleaned


moto_authorize = BaseResponse._authenticate_and_authorize_normal_action


def authorize(self: BaseResponse, resource: str = "*") -> None:
    """Work around moto: it denies every request in XML.

    A service with a JSON protocol denies in JSON. See "Common errors" in its API reference, and AWS's JSON 1.1 protocol
    for the body.
    """
    try:
        moto_authorize(self, resource)
    except AccessDeniedError as denied:
        if "X-Amz-Target" not in self.headers:
            raise
        raise JsonRESTError("AccessDeniedException", denied.message) from denied


ChangeSet.apply = apply
Stack.parameter_list = property(parameter_list)
LogGroup.update_from_cloudformation_json = classmethod(change_log_group)
parsing.clean_json = clean_json
BaseResponse._authenticate_and_authorize_normal_action = authorize
