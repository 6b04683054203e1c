"""The service "lambda": its API over the functions."""

import base64
import json
import shutil
import uuid
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from local.lambdas.answers import configuration, event_invoke_config
from local.lambdas.functions import ARN, AsyncSettings, split_name
from local.lambdas.host import Answer, Host
from local.protocol import Aws, AwsError, Caller, Service


class LambdaService(Service):
    """Takes functions as zip files; a deployment gives their folders to the host directly."""

    name = "lambda"

    def __init__(self, aws: Aws, host: Host) -> None:
        self._aws = aws
        self._host = host

    # ---- the API

    def create_function(self, request: dict[str, Any], _: Caller) -> Answer:
        code = request.pop("Code", {})
        return self._host.create(request, self._unpacked(code, "functions", request["FunctionName"]))

    def get_function(self, request: dict[str, Any], _: Caller) -> Answer:
        entry, found = self._host.find(request)
        answer: Answer = {
            "Configuration": configuration(found),
            "Code": {"RepositoryType": "S3", "Location": found.folder.as_uri()},
            "Tags": found.request.get("Tags", {}),
        }
        if entry.reserved_concurrency is not None:
            answer["Concurrency"] = {"ReservedConcurrentExecutions": entry.reserved_concurrency}
        return answer

    def get_function_configuration(self, request: dict[str, Any], _: Caller) -> Answer:
        return configuration(self._host.find(request)[1])

    def list_functions(self, request: dict[str, Any], _: Caller) -> Answer:
        with self._host.guard:
            names = sorted(self._host.entries)
            first = int(request.get("Marker", 0))
            last = first + int(request.get("MaxItems", 50))
            page = [configuration(self._host.entries[name].latest) for name in names[first:last]]
        return {"Functions": page, **({"NextMarker": str(last)} if last < len(names) else {})}

    def delete_function(self, request: dict[str, Any], _: Caller) -> Answer:
        name, _qualifier = split_name(request["FunctionName"])
        with self._host.guard:
            self._host.entry(name)
            del self._host.entries[name]
        self._host.pool.retire(name)
        return {}

    def update_function_configuration(self, request: dict[str, Any], _: Caller) -> Answer:
        entry, found = self._host.find(request)
        merged = {**found.request, **{key: value for key, value in request.items() if key != "RevisionId"}}
        merged["FunctionName"] = found.name
        return self._host.change(entry, self._host.function(merged, found.folder))

    def update_function_code(self, request: dict[str, Any], _: Caller) -> Answer:
        entry, found = self._host.find(request)
        return self._host.change(entry, found.changed(folder=self._unpacked(request, "functions", found.name)))

    def invoke(self, request: dict[str, Any], _: Caller) -> Answer:
        name, qualifier = split_name(request["FunctionName"], request.get("Qualifier"))
        kind = request.get("InvocationType", "RequestResponse")
        result, found, tail = self._host.call(name, qualifier, request.get("Payload", b""), kind)
        answer: Answer = {"StatusCode": result.status, "Payload": result.payload}
        if kind == "RequestResponse":
            answer["ExecutedVersion"] = found.version
        if result.function_error:
            answer["FunctionError"] = result.function_error
        if request.get("LogType") == "Tail":
            answer["LogResult"] = base64.b64encode(tail.encode()[-4096:]).decode()
        return answer

    def add_permission(self, request: dict[str, Any], _: Caller) -> Answer:
        entry, found = self._host.find(request)
        sid, qualifier = request["StatementId"], split_name(request["FunctionName"], request.get("Qualifier"))[1] or ""
        principal = request["Principal"]
        statement: Answer = {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": principal} if principal.endswith(".amazonaws.com") else {"AWS": principal},
            "Action": request["Action"],
            "Resource": f"{found.arn}:{qualifier}" if qualifier else found.arn,
        }
        condition: dict[str, Any] = {}
        if "SourceArn" in request:
            condition["ArnLike"] = {"AWS:SourceArn": request["SourceArn"]}
        if "SourceAccount" in request:
            condition["StringEquals"] = {"AWS:SourceAccount": request["SourceAccount"]}
        if condition:
            statement["Condition"] = condition
        with self._host.guard:
            statements = entry.policies.setdefault(qualifier, {})
            if sid in statements:
                raise AwsError("ResourceConflictException", f"The statement id ({sid}) provided already exists.", 409)
            statements[sid] = statement
        return {"Statement": json.dumps(statement)}

    def remove_permission(self, request: dict[str, Any], _: Caller) -> Answer:
        entry, _found = self._host.find(request)
        with self._host.guard:
            statements = entry.policies.get(request.get("Qualifier", ""), {})
            if statements.pop(request["StatementId"], None) is None:
                raise AwsError("ResourceNotFoundException", f"No such statement: {request['StatementId']}", 404)
        return {}

    def get_policy(self, request: dict[str, Any], _: Caller) -> Answer:
        entry, found = self._host.find(request)
        statements = entry.policies.get(request.get("Qualifier", ""))
        if not statements:
            raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
        policy = {"Version": "2012-10-17", "Id": "default", "Statement": list(statements.values())}
        return {"Policy": json.dumps(policy), "RevisionId": found.revision}

    def publish_version(self, request: dict[str, Any], _: Caller) -> Answer:
        entry, found = self._host.find({"FunctionName": request["FunctionName"]})
        with self._host.guard:
            version = str(len(entry.versions) + 1)
            entry.versions[version] = found.changed(version=version)
            return configuration(entry.versions[version])

    def create_alias(self, request: dict[str, Any], _: Caller) -> Answer:
        entry, found = self._host.find({"FunctionName": request["FunctionName"]})
        if request.get("RoutingConfig"):
            raise AwsError("InvalidParameterValueException", "the embedded AWS does not route between versions")
        with self._host.guard:
            entry.resolve(request["FunctionVersion"])
            alias = {
                "AliasArn": f"{found.arn}:{request['Name']}",
                "Name": request["Name"],
                "FunctionVersion": request["FunctionVersion"],
                "Description": request.get("Description", ""),
                "RevisionId": str(uuid.uuid4()),
            }
            entry.aliases[request["Name"]] = alias
        return alias

    def get_alias(self, request: dict[str, Any], _: Caller) -> Answer:
        entry, found = self._host.find({"FunctionName": request["FunctionName"]})
        if request["Name"] not in entry.aliases:
            raise AwsError("ResourceNotFoundException", f"Cannot find alias arn: {found.arn}:{request['Name']}", 404)
        return entry.aliases[request["Name"]]

    def put_function_event_invoke_config(self, request: dict[str, Any], _: Caller) -> Answer:
        entry, found = self._host.find(request)
        destinations = request.get("DestinationConfig", {})
        settings = AsyncSettings(
            retries=request.get("MaximumRetryAttempts", 2),
            max_age_seconds=request.get("MaximumEventAgeInSeconds", 21_600),
            on_success=destinations.get("OnSuccess", {}).get("Destination"),
            on_failure=destinations.get("OnFailure", {}).get("Destination"),
            modified=self._aws.clock.now(),
        )
        qualifier = request.get("Qualifier", "$LATEST")
        with self._host.guard:
            entry.asynchronous[qualifier] = settings
        return event_invoke_config(found, qualifier, settings)

    def get_function_event_invoke_config(self, request: dict[str, Any], _: Caller) -> Answer:
        entry, found = self._host.find(request)
        qualifier = request.get("Qualifier", "$LATEST")
        if qualifier not in entry.asynchronous:
            message = f"The function {found.arn} doesn't have an EventInvokeConfig"
            raise AwsError("ResourceNotFoundException", message, 404)
        return event_invoke_config(found, qualifier, entry.asynchronous[qualifier])

    def put_function_concurrency(self, request: dict[str, Any], _: Caller) -> Answer:
        entry, _found = self._host.find(request)
        with self._host.guard:
            entry.reserved_concurrency = request["ReservedConcurrentExecutions"]
        return {"ReservedConcurrentExecutions": entry.reserved_concurrency}

    def publish_layer_version(self, request: dict[str, Any], _: Caller) -> Answer:
        content = request.pop("Content")
        return self._host.publish_layer(request, self._unpacked(content, "layers", request["LayerName"]))

    def get_layer_version(self, request: dict[str, Any], _: Caller) -> Answer:
        return self._host.layer(f"{ARN}:layer:{request['LayerName']}:{request['VersionNumber']}")[1]

    def get_layer_version_by_arn(self, request: dict[str, Any], _: Caller) -> Answer:
        return self._host.layer(request["Arn"])[1]

    def list_tags(self, request: dict[str, Any], _: Caller) -> Answer:
        return {"Tags": self._host.find({"FunctionName": request["Resource"]})[1].request.get("Tags", {})}

    def _unpacked(self, code: dict[str, Any], kind: str, name: str) -> Path:
        if "S3Bucket" in code:
            found = self._aws.client("s3").get_object(Bucket=code["S3Bucket"], Key=code["S3Key"])
            content = found["Body"].read()
        elif "ZipFile" in code:
            content = code["ZipFile"]
        else:
            raise AwsError("InvalidParameterValueException", "the code must be a zip file, given or in S3")
        folder = self._aws.root / kind / f"{name}-{uuid.uuid4().hex[:8]}"
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                archive.extractall(folder)
        except zipfile.BadZipFile as error:
            shutil.rmtree(folder, ignore_errors=True)
            message = "Could not unzip uploaded file. Please check your file, then try to upload again."
            raise AwsError("InvalidParameterValueException", message) from error
        return folder
