"""What telemetry adds to a request: `make bench` measures all, `make bench-quick` the API and zero-code alone."""
# ruff: noqa: T201 - its report is what it prints

import argparse
import dataclasses
import sys
from pathlib import Path

from overhead import in_process, report
from overhead.variants import VARIANTS, Variant

QUICK = (
    "bare",
    "bare-again",
    "ours",
    "ours-honeycomb",
    "ours-xray",
    "ours-cloudwatch",
    "ours-rollbar",
    "plain",
    "zero-code",
)


def chosen(arguments: argparse.Namespace) -> list[Variant]:
    names = arguments.only.split(",") if arguments.only else QUICK if arguments.quick else [v.name for v in VARIANTS]
    variants = [variant for variant in VARIANTS if variant.name in names]
    if arguments.beside:
        backend = Path(arguments.beside).resolve()
        variants += [
            dataclasses.replace(
                variant, name=f"{variant.name}-beside", title=f"{variant.title}, {backend}", backend=backend
            )
            for variant in variants
            if variant.name.startswith("ours")
        ]
    return variants


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer requests, and none of the peers but zero-code")
    parser.add_argument("--only", help="variants by name, with commas between: " + ",".join(v.name for v in VARIANTS))
    parser.add_argument("--requests", type=int, help="of each variant")
    parser.add_argument(
        "--beside", metavar="FOLDER", help="another backend-flask, to be measured as ours is, in turns with it"
    )
    arguments = parser.parse_args()
    requests = arguments.requests or (2_000 if arguments.quick else 10_000)
    print("\n".join(report.table(in_process.costs(chosen(arguments), requests))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
