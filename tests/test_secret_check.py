"""`make lint` refuses a key before it is committed, and accepts text that only resembles one."""

import random
import string
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LETTERS = string.ascii_letters + string.digits

# Made at run time, so that no file contains them. They are the same in each run, because xdist compares the tests'
# names.
made_up = random.Random(8)
AWS_KEY_ID = "AKIA" + "".join(made_up.choices(string.ascii_uppercase + "234567", k=16))
AWS_SECRET = "".join(made_up.choices(LETTERS + "/+", k=40))
INGEST_KEY = "hcaik_" + "".join(made_up.choices("abcdefghjkmnpqrstvwxyz" + string.digits, k=58))
CLASSIC_KEY = "".join(made_up.choices(LETTERS, k=22))
ROLLBAR_TOKEN = "".join(made_up.choices("abcdef" + string.digits, k=32))


def found_in(*paths: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", f"VENV={sys.prefix}", "secrets", f"FILES=echo {' '.join(map(str, paths))}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


KEYS = [
    (".env", f"A=1\nAWS_ACCESS_KEY_ID={AWS_KEY_ID}\n", 2),
    (".env.example", f"#AWS_SECRET_ACCESS_KEY={AWS_SECRET}\n", 1),
    ("test_it.py", f'ENVIRON = {{\n    "AWS_SECRET_ACCESS_KEY": "{AWS_SECRET}",\n}}\n', 2),
    ("README.md", f"```sh\nexport OTEL_EXPORTER_OTLP_HEADERS=x-honeycomb-team={INGEST_KEY}\n```\n", 2),
    (".gitpod.yml", f"  - HONEYCOMB_API_KEY: {INGEST_KEY}\n", 1),
    ("classic/.env", f"OTEL_EXPORTER_OTLP_HEADERS=x-honeycomb-team={CLASSIC_KEY}\n", 1),
    ("docker-compose.yml", f"      ROLLBAR_ACCESS_TOKEN: {ROLLBAR_TOKEN}\n", 1),
    ("rollbar/.env", f"ROLLBAR_ACCESS_TOKEN={ROLLBAR_TOKEN}\n", 1),
    ("notes.md", f"`curl -H 'X-Rollbar-Access-Token: {ROLLBAR_TOKEN}'`\n", 1),
]


def test_each_key_is_found(tmp_path: Path) -> None:
    """The report names files and lines, and not the keys."""
    for name, text, _ in KEYS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = found_in(*(tmp_path / name for name, _, _ in KEYS))

    assert found.returncode != 0
    for name, _, line in KEYS:
        assert f"{tmp_path / name}:{line}\n" in found.stdout
    for key in (AWS_KEY_ID, AWS_SECRET, INGEST_KEY, CLASSIC_KEY, ROLLBAR_TOKEN):
        assert key not in found.stdout + found.stderr


def test_what_only_looks_like_a_key(tmp_path: Path) -> None:
    """Trace ids, uuids, hashes, placeholders, and settings that are read from elsewhere pass."""
    text = f"""
ROLLBAR_ACCESS_TOKEN: "${{ROLLBAR_ACCESS_TOKEN:-}}"
#OTEL_EXPORTER_OTLP_HEADERS=x-honeycomb-team=<key>
trace_id = "{"".join(made_up.choices("0123456789abcdef", k=32))}"
uuid = "68f126b0-1ceb-4a33-88be-d90fa7109eee"
    --hash=sha256:{"".join(made_up.choices("0123456789abcdef", k=64))}
rollbar_access_token = environ.get("ROLLBAR_ACCESS_TOKEN")
AWS_SECRET_ACCESS_KEY=
"""
    (tmp_path / "settings.py").write_text(text)
    passed = found_in(tmp_path / "settings.py")

    assert (passed.returncode, passed.stdout) == (0, "")


def test_what_git_does_not_have_yet_is_looked_at(tmp_path: Path) -> None:
    """The check reads git's list of files: committed ones, and new ones that are not ignored."""
    listed = subprocess.run(
        ["make", "--silent", "--dry-run", f"VENV={sys.prefix}", "secrets"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    command = listed.partition("$(")[2].partition(")")[0]
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, timeout=60, check=True)
    for name in (".gitignore", "committed.py", "new.py", ".env"):
        (tmp_path / name).write_text(".env\n")
    subprocess.run(["git", "add", "committed.py"], cwd=tmp_path, timeout=60, check=True)
    files = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)

    assert sorted(files.stdout.split()) == [".gitignore", "committed.py", "new.py"]
