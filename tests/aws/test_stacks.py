"""aws/bin creates, changes and deletes the stacks."""

from typing import Any

from stand_in import NOT_MODELLED, Command, StandIn
from templates import types


def stacks(aws: StandIn) -> dict[str, str]:
    found = aws.client("cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"]: stack["StackStatus"] for stack in found}


def resources(aws: StandIn, stack: str) -> set[str]:
    found = aws.client("cloudformation").list_stack_resources(StackName=stack)["StackResourceSummaries"]
    return {resource["ResourceType"] for resource in found if resource["ResourceType"]}


def parameters(aws: StandIn, stack: str) -> dict[str, str]:
    (found,) = aws.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in found["Parameters"]}


def container(aws: StandIn) -> dict[str, Any]:
    """Return the API's container in the newest task definition."""
    task = aws.client("ecs").describe_task_definition(taskDefinition="cruddur-service")["taskDefinition"]
    found: dict[str, Any] = task["containerDefinitions"][0]
    return found


def test_a_dry_run_creates_nothing(aws: StandIn, command: Command) -> None:
    """A dry run names what would be created, and creates nothing."""
    ran = command("provision", "--dry-run")
    assert (ran.code, ran.err) == (0, "")
    assert "cruddur-observability: would be created\n  + AWS::Logs::LogGroup LogGroup\n" in ran.out
    assert all(kind in ran.out for kind in types("observability"))
    assert stacks(aws) == {}
    assert aws.client("logs").describe_log_groups()["logGroups"] == []


def test_provision_twice(aws: StandIn, command: Command) -> None:
    """A second run finds nothing to change. Both runs print the variables for the API."""
    first = command("provision")
    assert (first.code, first.err) == (0, "")
    assert stacks(aws) == {"cruddur-observability": "CREATE_COMPLETE"}
    (group,) = aws.client("logs").describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == ("cruddur", 1)
    assert resources(aws, "cruddur-observability") == types("observability") - NOT_MODELLED

    second = command("provision")
    assert second.code == 0
    assert "cruddur-observability: nothing to change" in second.out
    for ran in (first, second):
        assert "AWS_REGION=eu-central-1 CLOUDWATCH_LOG_GROUP=cruddur" in ran.out
        assert "--policy-arn arn:aws:iam::123456789012:policy/cruddur-observability-TelemetryPolicy" in ran.out


def test_a_log_group_that_the_api_created_is_refused(aws: StandIn, command: Command) -> None:
    """A log group that the API created is refused with the command that deletes it.

    A stack's own group is no obstacle.
    """
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="cruddur")
    for arguments in ((), ("--dry-run",)):
        ran = command("provision", *arguments)
        assert (ran.code, "would be" in ran.out) == (1, False)
        assert "aws logs delete-log-group --log-group-name cruddur" in ran.err
    assert stacks(aws) == {}

    assert command("provision", "--parameter", "LogGroupName=cruddur-2").code == 0
    assert command("provision", "--parameter", "RetentionInDays=7").code == 0


def test_a_parameter_is_kept_until_it_is_given_again(aws: StandIn, command: Command) -> None:
    """A later run without a parameter keeps its value."""
    assert command("provision").code == 0
    assert parameters(aws, "cruddur-observability")["SamplingRate"] == "0.1"
    assert command("provision", "--parameter", "SamplingRate=0.02").code == 0
    assert stacks(aws) == {"cruddur-observability": "UPDATE_COMPLETE"}
    assert "nothing to change" in command("provision").out
    assert parameters(aws, "cruddur-observability")["SamplingRate"] == "0.02"


def test_another_retention(aws: StandIn, command: Command) -> None:
    """Another retention changes the log group without replacing it, and keeps the outputs."""
    assert command("provision").code == 0
    ran = command("provision", "--parameter", "RetentionInDays=7")
    assert (ran.code, ran.err) == (0, "")
    assert "CLOUDWATCH_LOG_GROUP=cruddur\n" in ran.out
    (group,) = aws.client("logs").describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == ("cruddur", 7)


def test_an_unknown_parameter(command: Command) -> None:
    """The message lists the template's parameters."""
    ran = command("provision", "--parameter", "Retention=7")
    assert (ran.code, ran.out.count("\n")) == (2, 1)
    assert "observability.yml has no parameter Retention. It has: AlarmEmail, LogGroupName, RetentionInDays" in ran.err


def test_deploy_twice_and_a_new_version(aws: StandIn, command: Command) -> None:
    """The first run creates the service in the default VPC; a second changes nothing; another image makes a new task
    definition.
    """
    assert command("provision").code == 0
    dry = command("deploy", "--image", "registry/cruddur:1", "--dry-run")
    assert (dry.code, dry.err) == (0, "")
    assert "cruddur-service: would be created" in dry.out
    assert "cruddur-service" not in stacks(aws)

    first = command("deploy", "--image", "registry/cruddur:1")
    assert (first.code, first.err) == (0, "")
    assert "The API is at http://cruddur-service-" in first.out
    assert resources(aws, "cruddur-service") == types("service") - NOT_MODELLED
    assert container(aws)["image"] == "registry/cruddur:1"
    assert open_ports(aws) == {80}
    # In two zones: the load balancer pays for an address in each.
    assert parameters(aws, "cruddur-service")["SubnetIds"].count(",") == 1

    again = command("deploy", "--image", "registry/cruddur:1")
    assert "cruddur-service: nothing to change" in again.out
    assert command("deploy", "--image", "registry/cruddur:2").code == 0
    # moto confuses the changed definition, and doesn't change the service, which only refers to it.
    assert parameters(aws, "cruddur-service")["Image"] == "registry/cruddur:2"
    (definition,) = aws.client("ecs").list_task_definitions()["taskDefinitionArns"]
    assert definition.endswith("/cruddur-service:2")


def test_a_task_gets_what_the_api_needs(aws: StandIn, command: Command) -> None:
    """A task gets the other stack's log group and policy, and the names of the secrets, not the secrets."""
    ssm = aws.client("ssm")
    ssm.put_parameter(Name="/cruddur/ROLLBAR_ACCESS_TOKEN", Value="s3cret", Type="SecureString")
    assert command("provision", "--parameter", "LogGroupName=mine").code == 0
    ran = command("deploy", "--image", "registry/cruddur:1", "--parameter", "Environment=staging")
    assert ran.code == 0
    assert "Honeycomb stays off" in ran.out
    assert "Rollbar stays off" not in ran.out

    environment = {variable["name"]: variable["value"] for variable in container(aws)["environment"]}
    assert environment["CLOUDWATCH_LOG_GROUP"] == "mine"
    assert environment["AWS_XRAY_DAEMON_ADDRESS"] == "127.0.0.1:2000"
    assert environment["OTEL_RESOURCE_ATTRIBUTES"] == "service.version=unknown,deployment.environment.name=staging"
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" not in environment
    (secret,) = container(aws)["secrets"]
    assert secret["name"] == "ROLLBAR_ACCESS_TOKEN"
    assert secret["valueFrom"].endswith(":parameter/cruddur/ROLLBAR_ACCESS_TOKEN")
    described = parameters(aws, "cruddur-service")
    assert "s3cret" not in repr([described, ran])
    (policy,) = aws.client("iam").list_policies(Scope="Local")["Policies"]
    assert described["TelemetryPolicyArn"] == policy["Arn"]


def test_honeycombs_key_alone_turns_it_on(aws: StandIn, command: Command) -> None:
    """Honeycomb's key alone turns Honeycomb on: the task gets its name and the endpoint."""
    aws.client("ssm").put_parameter(Name="/cruddur/HONEYCOMB_API_KEY", Value="s3cret", Type="SecureString")
    assert command("provision").code == 0
    ran = command("deploy", "--image", "registry/cruddur:1")
    assert ran.code == 0
    assert "Honeycomb stays off" not in ran.out
    (secret,) = container(aws)["secrets"]
    assert secret["name"] == "HONEYCOMB_API_KEY"
    assert secret["valueFrom"].endswith(":parameter/cruddur/HONEYCOMB_API_KEY")
    environment = {variable["name"]: variable["value"] for variable in container(aws)["environment"]}
    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "https://api.honeycomb.io"
    assert environment.keys() & {"TRUST_TRACE_HEADERS", "MOCK_USERS"} == set()


def test_a_deleted_secret_turns_its_vendor_off(aws: StandIn, command: Command) -> None:
    """A deleted secret turns its vendor off at the next deployment, because no task could start with it.

    A secret under the team's own name stays.
    """
    ssm = aws.client("ssm")
    ssm.put_parameter(Name="/cruddur/ROLLBAR_ACCESS_TOKEN", Value="s3cret", Type="SecureString")
    assert command("provision").code == 0
    own = ("--parameter", "OtlpHeadersParameter=/team/honeycomb")
    assert command("deploy", "--image", "registry/cruddur:1", *own).code == 0
    assert parameters(aws, "cruddur-service")["RollbarTokenParameter"] == "/cruddur/ROLLBAR_ACCESS_TOKEN"

    ssm.delete_parameter(Name="/cruddur/ROLLBAR_ACCESS_TOKEN")
    ran = command("deploy", "--image", "registry/cruddur:1")
    assert ran.code == 0
    assert "Rollbar stays off" in ran.out
    assert "Honeycomb stays off" not in ran.out
    after = parameters(aws, "cruddur-service")
    assert (after["RollbarTokenParameter"], after["OtlpHeadersParameter"]) == ("", "/team/honeycomb")


def open_ports(aws: StandIn) -> set[int]:
    """Return the load balancer's open ports."""
    rules = aws.client("ec2").describe_security_groups()["SecurityGroups"]
    permissions = [permission for group in rules for permission in group["IpPermissions"]]
    return {p["FromPort"] for p in permissions if {"CidrIp": "0.0.0.0/0"}.items() <= (p["IpRanges"] or [{}])[0].items()}


def test_a_certificate_and_its_name(aws: StandIn, command: Command) -> None:
    """With a certificate, the API is at the certificate's name, and not at AWS's."""
    assert command("provision").code == 0
    arn = aws.client("acm").request_certificate(DomainName="api.example.com")["CertificateArn"]
    certificate = ("--parameter", f"CertificateArn={arn}", "--parameter", "BackendUrl=https://api.example.com")
    ran = command("deploy", "--image", "registry/cruddur:1", *certificate)
    assert (ran.code, ran.err) == (0, "")
    assert "The API is at https://api.example.com/api/health." in ran.out
    (balancer,) = aws.client("elbv2").describe_load_balancers()["LoadBalancers"]
    assert f"Point the name to {balancer['DNSName']}, by a CNAME or an alias record.\n" in ran.out
    listeners = aws.client("elbv2").describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    assert {(of["Protocol"], of["DefaultActions"][0]["Type"]) for of in listeners} == {
        ("HTTP", "redirect"),
        ("HTTPS", "forward"),
    }
    assert open_ports(aws) == {80, 443}
    environment = {variable["name"]: variable["value"] for variable in container(aws)["environment"]}
    assert environment["BACKEND_URL"] == "https://api.example.com"


def test_teardown_detaches_the_policy(aws: StandIn, command: Command) -> None:
    """Teardown detaches the policy from users, groups and roles, because AWS deletes no attached policy."""
    assert command("provision").code == 0
    assert command("deploy", "--image", "registry/cruddur:1").code == 0
    iam = aws.client("iam")
    (policy,) = iam.list_policies(Scope="Local")["Policies"]
    iam.create_user(UserName="learner")
    iam.attach_user_policy(UserName="learner", PolicyArn=policy["Arn"])
    iam.create_group(GroupName="class")
    iam.attach_group_policy(GroupName="class", PolicyArn=policy["Arn"])
    iam.create_role(RoleName="workspace", AssumeRolePolicyDocument="{}")
    iam.attach_role_policy(RoleName="workspace", PolicyArn=policy["Arn"])

    dry = command("teardown", "--dry-run")
    detached = [line for line in dry.out.splitlines() if "the policy, from" in line]
    assert detached == [
        "  - the policy, from user learner",
        "  - the policy, from group class",
        "  - the policy, from role workspace",
    ]
    attached = iam.list_entities_for_policy(PolicyArn=policy["Arn"])
    assert len(attached["PolicyUsers"] + attached["PolicyGroups"]) == 2
    assert len(attached["PolicyRoles"]) == 1
    ran = command("teardown", "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert iam.list_attached_user_policies(UserName="learner")["AttachedPolicies"] == []
    assert iam.list_attached_group_policies(GroupName="class")["AttachedPolicies"] == []
    assert iam.list_attached_role_policies(RoleName="workspace")["AttachedPolicies"] == []


def test_teardown_leaves_the_tasks_role_to_its_stack(aws: StandIn, command: Command) -> None:
    """Teardown leaves the policy of the task's role to the role's own stack."""
    assert command("provision").code == 0
    assert command("deploy", "--image", "registry/cruddur:1").code == 0
    iam = aws.client("iam")
    (policy,) = iam.list_policies(Scope="Local")["Policies"]
    # moto's CloudFormation doesn't attach it.
    iam.attach_role_policy(RoleName=aws.name_of("TaskRole", "cruddur-service"), PolicyArn=policy["Arn"])
    dry = command("teardown", "--dry-run")
    assert (dry.code, "the policy, from" in dry.out) == (0, False)


def test_teardown_deletes_everything(aws: StandIn, command: Command) -> None:
    """Teardown deletes everything after a confirmation, and a second run has nothing to delete."""
    assert command("provision").code == 0
    assert command("deploy", "--image", "registry/cruddur:1").code == 0
    before = stacks(aws)

    dry = command("teardown", "--dry-run")
    assert dry.code == 0
    assert dry.out.index("cruddur-service: would be deleted") < dry.out.index("cruddur-observability: would be deleted")
    assert "- AWS::Logs::LogGroup cruddur\n" in dry.out
    unasked = command("teardown")
    assert (unasked.code, unasked.err) == (1, "Nothing was deleted.\n")
    assert command("teardown", stdin="no\n").code == 1
    assert stacks(aws) == before

    assert command("teardown", "--yes").code == 0
    assert stacks(aws) == {}
    assert aws.client("logs").describe_log_groups()["logGroups"] == []
    assert aws.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
    again = command("teardown", "--yes")
    assert (again.code, "There is nothing to delete." in again.out) == (0, True)
