"""docs/aws.md describes what the commands and the tests do."""

import account
from changes import in_words
from stand_in import NOT_MODELLED, ROOT

PAGE = (ROOT / "docs" / "aws.md").read_text()


def test_every_command_is_in_the_page_and_in_the_readme() -> None:
    """The page and the README list every command, and the page says that they need an account."""
    readme = (ROOT / "README.md").read_text()
    for command in (ROOT / "aws" / "bin").iterdir():
        assert f"| `aws/bin/{command.name}` |" in PAGE
        assert f"`aws/bin/{command.name}`" in readme
    assert "These four commands need an AWS account" in PAGE


def test_what_moto_does_not_model_is_in_the_page() -> None:
    """The page lists exactly the resource types that moto ignores."""
    listed = PAGE.partition("Only cfn-lint checks these:")[2].partition(". moto")[0]
    assert {name.strip("`, \n") for name in listed.split(",")} == NOT_MODELLED


def test_every_sign_of_a_change_is_in_the_page() -> None:
    """The page has every sign that in_words() uses."""
    change = {"ResourceType": "AWS::Logs::LogGroup", "LogicalResourceId": "LogGroup"}
    changes = [
        *({"Action": action, "Replacement": "False"} for action in ("Add", "Modify", "Remove")),
        {"Action": "Modify", "Replacement": "True"},
    ]
    for some in changes:
        assert f"| `{in_words({**change, **some})[0]}` | " in PAGE


def test_every_exit_code_is_in_the_page() -> None:
    """The page has every exit code."""
    for code in (account.DONE, account.FAILED, account.WRONG, account.MISSING, account.UNWELL):
        assert f"| {code} | " in PAGE
