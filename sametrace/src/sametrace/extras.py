"""Extras of this package: the SDKs of the vendors that an app uses."""

import importlib.util


class MissingExtra(ImportError):
    """The SDK of a vendor is not installed.

    The message names the extra that installs it.
    """

    def __init__(self, extra: str, missing: ImportError) -> None:
        super().__init__(
            f"{missing.name} is not installed, which sametrace.{extra.partition('-')[0]} needs: "
            f"pip install 'sametrace[{extra}]'"
        )


def require(extra: str, *modules: str) -> None:
    """Raise MissingExtra unless the modules can be found.

    It does not import them: only a vendor that is on does, so the others cost nothing.
    """
    for module in modules:
        try:
            if importlib.util.find_spec(module) is None:
                raise ImportError(name=module)
        except ImportError as missing:
            raise MissingExtra(extra, missing) from missing
