"""moto's server, a stand-in for AWS, as gunicorn serves it."""

from typing import Any

from moto.cloudformation.models import ChangeSet, Stack
from moto.server import DomainDispatcherApplication, create_backend_app

import network_guard

network_guard.guard()
application = DomainDispatcherApplication(create_backend_app)

moto_apply = ChangeSet.apply


def apply(self: ChangeSet) -> None:
    """Mends moto, where a stack made or changed by a change set has no outputs, and keeps its old parameters."""
    moto_apply(self)
    self.stack.template = self.template
    self.stack.parameters = self.parameters
    self.stack._parse_template()
    self.stack.output_map = self.stack._create_output_map()


def parameter_list(self: Stack) -> list[dict[str, Any]]:
    """Mends moto, which describes a list as Python writes it; CloudFormation has commas between the values."""
    return [
        {"ParameterKey": name, "ParameterValue": ",".join(value) if isinstance(value, list) else value}
        for name, value in self.resource_map.resolved_parameters.items()
    ]


ChangeSet.apply = apply
Stack.parameter_list = property(parameter_list)
