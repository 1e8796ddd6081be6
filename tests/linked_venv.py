"""Use this environment as the .venv of a copy of the project."""

import sys
from pathlib import Path


def link_venv(project: Path) -> None:
    """Make .venv from links, and from new stamps.

    If this environment's stamps were older than the requirements, make would install the copy's sametrace into it.
    """
    (project / ".venv").mkdir()
    for path in Path(sys.prefix).iterdir():
        if path.suffix == ".stamp":
            (project / ".venv" / path.name).touch()
        else:
            (project / ".venv" / path.name).symlink_to(path)
