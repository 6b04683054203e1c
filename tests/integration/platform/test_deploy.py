"""A SAM template becomes a stack in which events flow."""

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from local.embedded import EmbeddedAws
from local.protocol import LocalError

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Greeting: {Type: String, Default: hello}
Globals:
  Function: {Runtime: python3.13, Handler: app.handler, Timeout: 20, MemorySize: 256}
Resources:
  Inbox:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub ${AWS::StackName}-inbox
      VersioningConfiguration: {Status: Enabled}
      NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}
  Seen:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
  Record:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/record
      Environment: {Variables: {TABLE: !Ref Seen, GREETING: !Ref Greeting}}
      Policies:
        - Statement:
            - {Effect: Allow, Action: dynamodb:PutItem, Resource: !GetAtt Seen.Arn}
      Events:
        Api: {Type: HttpApi, Properties: {Path: /seen, Method: GET}}
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: flow.asl.json
      DefinitionSubstitutions: {RecordArn: !GetAtt Record.Arn}
      Policies:
        - LambdaInvokePolicy: {FunctionName: !Ref Record}
      Events:
        Arrived:
          Type: EventBridgeRule
          Properties:
            Pattern:
              source: [aws.s3]
              detail-type: [Object Created]
              detail: {bucket: {name: [!Ref Inbox]}}
Outputs:
  Inbox: {Value: !Ref Inbox}
  Table: {Value: !Ref Seen}
  FlowArn: {Value: !Ref Flow}
  ApiUrl: {Value: !GetAtt ServerlessHttpApi.ApiEndpoint}
"""
HANDLER = """
import os
import boto3

def handler(event, context):
    if "routeKey" in event:
        return {"statusCode": 200, "body": os.environ["GREETING"]}
    key = event["detail"]["object"]["key"]
    boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"pk": {"S": key}})
    return key
"""
MACHINE = {
    "QueryLanguage": "JSONata",
    "StartAt": "Record",
    "States": {
        "Record": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "${RecordArn}", "Payload": "{% $states.input %}"},
            "Output": "{% $states.result.Payload %}",
            "End": True,
        }
    },
}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    (tmp_path / "functions" / "record").mkdir(parents=True)
    (tmp_path / "functions" / "record" / "app.py").write_text(HANDLER, encoding="utf-8")
    (tmp_path / "flow.asl.json").write_text(json.dumps(MACHINE), encoding="utf-8")
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "other.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def _finished(aws: EmbeddedAws, machine: str) -> dict[str, Any]:
    states = aws.client("stepfunctions")

    def ended() -> bool:
        found = states.list_executions(stateMachineArn=machine)["executions"]
        return bool(found) and found[0]["status"] != "RUNNING"

    for _ in range(300):
        if ended():
            break
        aws.clock.wait(aws.clock.now() + 0.1, lambda: False)
    (execution,) = states.list_executions(stateMachineArn=machine)["executions"]
    described: dict[str, Any] = states.describe_execution(executionArn=execution["executionArn"])
    return described


def test_object_starts_the_machine_whose_function_writes_the_table(aws: EmbeddedAws, template: Path) -> None:
    stack = aws.deploy(template, "chain")

    aws.client("s3").put_object(Bucket=stack.outputs["Inbox"], Key="a.jsonl", Body=b"{}")

    execution = _finished(aws, stack.outputs["FlowArn"])
    assert (execution["status"], json.loads(execution["output"])) == ("SUCCEEDED", "a.jsonl")
    items = aws.client("dynamodb").scan(TableName=stack.outputs["Table"])["Items"]
    assert items == [{"pk": {"S": "a.jsonl"}}]


def test_api_answers_with_the_parameter_that_was_given(aws: EmbeddedAws, template: Path, browse: Any) -> None:
    text = template.read_text(encoding="utf-8").replace("${AWS::StackName}-inbox", "${AWS::StackName}-second")
    template.write_text(text, encoding="utf-8")

    stack = aws.deploy(template, "api", {"Greeting": "good day"})

    assert stack.outputs["ApiUrl"].startswith("http://")
    assert browse(stack.outputs["ApiUrl"], "/seen") == (200, "good day")


def test_names_from_the_stack_id_are_the_same_on_each_deployment(aws: EmbeddedAws, tmp_path: Path) -> None:
    template = """
    Resources:
      P:
        Type: AWS::SSM::Parameter
        Properties:
          Type: String
          Value: !Select [0, !Split ["-", !Select [2, !Split ["/", !Ref AWS::StackId]]]]
    Outputs:
      Prefix: {Value: !GetAtt P.Value}
    """

    prefix = aws.deploy(_write(tmp_path, template), "named").outputs["Prefix"]

    # uuid5 of NAMESPACE_URL and "embedded/named".
    assert prefix == "2b6284d3"


@pytest.mark.parametrize(
    "resource, complaint",
    [
        ("{Type: 'AWS::Kinesis::Stream', Properties: {}}", "does not know the resource types AWS::Kinesis::Stream"),
        ("{Type: 'AWS::SQS::Queue', CreationPolicy: {}}", "X: the local deployment does not know .'CreationPolicy'"),
        ("{Type: 'AWS::SNS::Topic', Properties: {Color: red}}", "cannot be made|does not know .'Color'"),
        ("{Type: 'AWS::S3::Bucket', Properties: {AbacStatus: Enabled}}", "does not know .'AbacStatus'"),
        (
            "{Type: 'AWS::S3::Bucket', Properties: {NotificationConfiguration: {QueueConfigurations: []}}}",
            "EventBridge only",
        ),
        ("{Type: 'AWS::Scheduler::Schedule', Properties: {Name: s}}", "cannot be made"),
    ],
)
def test_what_cannot_be_made_as_asked_is_refused(
    aws: EmbeddedAws, tmp_path: Path, resource: str, complaint: str
) -> None:
    with pytest.raises(LocalError, match=complaint):
        aws.deploy(_write(tmp_path, f"Resources: {{X: {resource}}}"), "refused")
