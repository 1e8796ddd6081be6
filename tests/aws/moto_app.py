"""moto's server, a stand-in for AWS, as gunicorn serves it."""

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
    """Works around moto, where a stack made or changed by a change set has no outputs, and keeps its old parameters."""
    moto_apply(self)
    self.stack.template = self.template
    self.stack.parameters = self.parameters
    self.stack._parse_template()
    self.stack.output_map = self.stack._create_output_map()


def parameter_list(self: Stack) -> list[dict[str, Any]]:
    """Works around moto, which describes a list as Python writes it; CloudFormation has commas between the values."""
    return [
        {"ParameterKey": name, "ParameterValue": ",".join(value) if isinstance(value, list) else value}
        for name, value in self.resource_map.resolved_parameters.items()
    ]


def change_log_group(
    cls: type[LogGroup], original_resource: LogGroup, cloudformation_json: dict[str, Any], **_: Any
) -> LogGroup:
    """Works around moto, which forgets a log group that is changed."""
    original_resource.retention_in_days = cloudformation_json["Properties"]["RetentionInDays"]
    return original_resource


moto_clean_json = parsing.clean_json


def clean_json(resource_json: Any, resources_map: Any) -> Any:
    """Works around moto, which leaves a null in a list where the template has AWS::NoValue."""
    cleaned = moto_clean_json(resource_json, resources_map)
    return [value for value in cleaned if value is not None] if isinstance(cleaned, list) else cleaned


moto_authorize = BaseResponse._authenticate_and_authorize_normal_action


def authorize(self: BaseResponse, resource: str = "*") -> None:
    """Works around moto, which denies in XML.

    A service that is requested in JSON says it so: "Common errors" in each one's API reference, and the body as the AWS
    JSON 1.1 protocol has it.
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
