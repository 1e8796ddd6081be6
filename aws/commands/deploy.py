"""aws/bin/deploy: run the committed version of the API in AWS."""

from typing import Any

import boto3

import account
import image
from provision import PARAMETER_HELP
from stacks import Stack

FROM_OBSERVABILITY = ("LogGroupName", "TelemetryPolicyArn", "AlarmTopicArn")
# By vendor: the secret's name, and the parameter of service.yml that accepts it. If a vendor has several, one is
# enough; the first is preferred.
SECRETS = (
    ("Honeycomb", "/cruddur/HONEYCOMB_API_KEY", "HoneycombKeyParameter"),
    ("Honeycomb", "/cruddur/OTEL_EXPORTER_OTLP_HEADERS", "OtlpHeadersParameter"),
    ("Rollbar", "/cruddur/ROLLBAR_ACCESS_TOKEN", "RollbarTokenParameter"),
)


def main() -> int:
    parser = account.arguments(
        "Builds the API's image with Docker, pushes it to ECR, and runs it on ECS Fargate behind a load balancer, in "
        "the default VPC. If you run it again, it replaces the running version. A version that does not become healthy "
        "is rolled back."
    )
    parser.add_argument("--dry-run", action="store_true", help="only print what would be done")
    parser.add_argument("--image", help="an image that already exists, instead of building one")
    parser.add_argument(
        "--parameter", metavar="NAME=VALUE", type=account.pair, action="append", default=[], help=PARAMETER_HELP
    )
    given = parser.parse_args()
    session = account.open_session(given.region)
    observability = Stack(session, "observability").outputs()
    if not observability:
        raise account.Missing("The stack cruddur-observability is missing: run aws/bin/provision first.")
    stack = Stack(session, "service")
    before = {p["ParameterKey"]: p["ParameterValue"] for p in (stack.describe() or {}).get("Parameters", [])}
    parameters = {name: observability[name] for name in FROM_OBSERVABILITY} | secrets(session, before)
    parameters |= ({} if before else network(session)) | dict(given.parameter)
    if given.image:
        parameters["Image"] = given.image
    else:
        architecture = parameters.get("CpuArchitecture") or before.get("CpuArchitecture", "X86_64")
        parameters |= built_image(session, architecture, given.dry_run)
    parameters.setdefault("RepositoryArn", image.repository_arn(session, parameters["Image"]))
    stack.apply(parameters, given.dry_run)
    if not given.dry_run:
        print_address(stack.outputs())
    return account.DONE


def print_address(outputs: dict[str, str]) -> None:
    print(f"\nThe API is at {outputs['Url']}/api/health. aws/bin/status shows its state.")
    if not outputs["Url"].endswith(outputs["LoadBalancerName"]):
        print(f"Point the name to {outputs['LoadBalancerName']}, by a CNAME or an alias record.")


def secrets(session: boto3.Session, before: dict[str, str]) -> dict[str, str]:
    """Find which vendors' secrets are in SSM's parameter store.

    Returns the template's parameters that turn these vendors on. The secrets themselves are not read.
    """
    wanted: Any = [{"Key": "Name", "Option": "Equals", "Values": [name for _, name, _ in SECRETS]}]
    found = session.client("ssm").describe_parameters(ParameterFilters=wanted)["Parameters"]
    there = {parameter["Name"] for parameter in found}
    on = {of for of, name, parameter in SECRETS if name in there or before.get(parameter, "") not in {"", name}}
    reported = set(on)
    for vendor, name, _ in SECRETS:
        if vendor not in reported:
            reported.add(vendor)
            print(f"{vendor} stays off, because its secret is missing. To create it:")
            print(f"  aws ssm put-parameter --type SecureString --name {name} --value ...")
    # If a stack names a deleted secret, no new task can start.
    named = {name: parameter for _, name, parameter in SECRETS if before.get(parameter) == name}
    gone = {parameter: "" for name, parameter in named.items() if name not in there}
    return gone | {parameter: name for _, name, parameter in SECRETS if name in there}


def network(session: boto3.Session) -> dict[str, str]:
    """Find the default VPC, and its subnets in two availability zones.

    A load balancer needs two zones, and pays for an address in each. Raises Missing.
    """
    ec2 = session.client("ec2")
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not vpcs:
        raise account.Missing(
            "There is no default VPC in this region. Name another network, with public subnets: "
            "--parameter VpcId=vpc-... --parameter SubnetIds=subnet-...,subnet-..."
        )
    of_the_vpc: Any = [{"Name": "vpc-id", "Values": [vpcs[0]["VpcId"]]}, {"Name": "default-for-az", "Values": ["true"]}]
    subnets = ec2.describe_subnets(Filters=of_the_vpc)["Subnets"]
    two = sorted(subnets, key=lambda subnet: subnet["AvailabilityZone"])[:2]
    return {"VpcId": vpcs[0]["VpcId"], "SubnetIds": ",".join(subnet["SubnetId"] for subnet in two)}


def built_image(session: boto3.Session, architecture: str, dry_run: bool) -> dict[str, str]:
    """Return the image of the committed version.

    Builds and pushes the image if the registry does not have it yet.
    """
    version = image.version()
    registry = Stack(session, "registry")
    registry.apply({}, dry_run)
    uri = f"{registry.outputs().get('RepositoryUri', image.REPOSITORY)}:{version}"
    if image.is_there(session, version):
        print(f"{uri} is there")
    elif dry_run:
        print(f"{uri} would be built and pushed")
    else:
        image.build_and_push(session, uri, architecture)
    return {"Image": uri, "Version": version}


if __name__ == "__main__":
    account.run(main)
