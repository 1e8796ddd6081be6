"""What to type in the app's own project, for the doctor's advice."""

from typing import NamedTuple


class Hints(NamedTuple):
    """start_receiver: a sentence: how to start what receives on this machine in place of a vendor
    start_daemon: a command that starts the X-Ray daemon
    grant: a sentence: how to give AWS credentials a permission
    unconfigured: the sentence that the report ends with when nothing is configured
    local_path: where what receives on this machine shows the trace {trace_id}
    """

    start_receiver: str = "start the program that receives there."
    start_daemon: str = "docker run amazon/aws-xray-daemon"
    grant: str = "allow it in IAM."
    unconfigured: str = "Nothing is configured."
    local_path: str = ""


NONE = Hints()
