"""cruddur-console: the telemetry console on the command line.

`cruddur-console mcp` serves agents.
"""

import sys

import commands


def main() -> int:
    try:
        return commands.run(sys.argv[1:])
    except BrokenPipeError:  # the reader, such as `| head`, has closed the pipe
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
