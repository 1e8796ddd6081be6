"""Count the lines that a process writes to stdout in addition to those that it sends."""

# X-Ray's SDK logs the first before CloudWatch Logs has a handler. The second has its own logger, because it is written
# after the stop.
STDOUT_ONLY = ("initializing xray middleware", '"logger":"sametrace.stop"')


def for_cloudwatch(log: str, starts: tuple[str, ...] = ('{"',)) -> int:
    """Return how many lines of a log were also for CloudWatch Logs. They begin with one of `starts`."""
    lines = [line for line in log.splitlines() if line.startswith(starts)]
    return sum(not any(text in line for text in STDOUT_ONLY) for line in lines)
