"""Commands of the app's own project, for the doctor's advice."""

from typing import NamedTuple


class Hints(NamedTuple):
    """What the doctor's advice says about the app's own project.

    start_receiver: a sentence that says how to start the program that receives on this machine instead of a vendor
    start_daemon: a command that starts the X-Ray daemon
    grant: a sentence that says how to give AWS credentials a permission
    unconfigured: the report's last sentence if nothing is configured
    local_path: the path at which the receiver on this machine shows the trace {trace_id}
    """

    start_receiver: str = "start the program that receives there."
    start_daemon: str = "docker run amazon/aws-xray-daemon"
    grant: str = "allow it in IAM."
    unconfigured: str = "Nothing is configured."
    local_path: str = ""


NONE = Hints()
