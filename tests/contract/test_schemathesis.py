"""schemathesis sends good and bad requests made from the document, and its promises hold."""

import os
import re
import subprocess
import sys
from pathlib import Path

from gunicorn_server import BACKEND, GunicornServer, environment
from vendors import Vendors

# Examples for an operation. `make test-contract` sets the number, and uses random ones. Otherwise they are always the
# same.
EXAMPLES = os.environ.get("CONTRACT_EXAMPLES")
HERE = Path(__file__).parent


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    """None of schemathesis' checks fails: examples, edge cases, fuzzing, and sequences of requests.

    No response is a 500.
    """
    options = ["--phases=examples,coverage,fuzzing,stateful", "--generation-database=none", "--request-timeout=10"]
    options += [f"--max-examples={EXAMPLES}"] if EXAMPLES else ["--max-examples=20", "--seed=1"]
    with Vendors() as vendors, GunicornServer(vendors.environ(), app="app:create_app()") as server:
        done = subprocess.run(
            [
                *[sys.executable, HERE / "guarded_schemathesis.py", "--config-file", HERE / "schemathesis.toml", "run"],
                # The file, because schemathesis leaves out the route of a document that it fetched.
                *[BACKEND / "openapi.yml", f"--url={server.url}", "--continue-on-failure", "--no-color", *options],
            ],
            cwd=tmp_path,
            env=environment({}),
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
    print(done.stdout)  # noqa: T201 - the number of cases, with pytest -s
    assert done.returncode == 0, done.stdout + done.stderr
    followed = re.search(r"API Links: +(\d+) covered", done.stdout)
    assert followed
    assert int(followed[1]) >= 10
    statuses = [line["fields"]["status"] for line in vendors.lines if line["fields"]["event"] == "request_served"]
    assert len(statuses) > 400
    assert [status for status in statuses if status >= 500] == []
    assert [document for document in vendors.documents if document.get("fault")] == []
    # Those of GET /rollbar/test.
    assert {(item["kind"], item["level"]) for item in vendors.items} == {("message", "warning")}
