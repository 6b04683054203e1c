"""ResultWriter of a distributed map: the children's results as files in S3, or transformed in place."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.states.errors import RESULT_WRITER, StatesError
from local.states.execution_entry import entry_of
from local.states.map_run import Child, MapRun
from local.states.values import text_of, value_of
from local.states.work import Work

_FILES = {"SUCCEEDED": "SUCCEEDED", "FAILED": "FAILED", "TIMED_OUT": "FAILED", "ABORTED": "FAILED"}


async def write(work: Work, map_run: MapRun) -> Any:
    """The state's result: where the manifest lies, or the children's results where no bucket is named.

    Results of children that failed are never transformed.
    """
    writer = work.value(work.state.get("ResultWriter", {}), "ResultWriter")
    config = writer.get("WriterConfig", {})
    transformation = config.get("Transformation", "NONE" if "Resource" in writer else "COMPACT")
    if "Resource" not in writer:
        return [result for child in map_run.children for result in _results(map_run, child, transformation)]
    files: dict[str, list[Any]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for child in map_run.children:
        files[_FILES.get(child.status, "PENDING")] += _results(map_run, child, transformation)
    execution = work.execution
    lines = config.get("OutputType", "JSON") == "JSONL"
    s3 = await execution.loop.call(execution.runtime.aws.client, "s3", execution.role)
    result = await execution.loop.call(_put, s3, writer["Arguments"], map_run, files, lines)
    map_run.written = len(map_run.executions)
    return result


def _results(map_run: MapRun, child: Child, transformation: str) -> list[Any]:
    if transformation == "NONE" or child.execution is None or child.status != "SUCCEEDED":
        return [entry_of(map_run, child)]
    output = value_of(child.execution.output or "null")
    return output if transformation == "FLATTEN" and isinstance(output, list) else [output]


def _put(s3: Any, where: dict[str, Any], map_run: MapRun, files: dict[str, list[Any]], lines: bool) -> dict[str, Any]:
    bucket, prefix = where["Bucket"], where.get("Prefix", "").rstrip("/")
    folder = f"{prefix}/{map_run.number}" if prefix else map_run.number
    listed: dict[str, list[dict[str, Any]]] = {name: [] for name in files}
    try:
        for name, entries in files.items():
            if not entries:
                continue
            body = ("\n".join(map(text_of, entries)) if lines else text_of(entries)).encode()
            key = f"{folder}/{name}_0.{'jsonl' if lines else 'json'}"
            s3.put_object(Bucket=bucket, Key=key, Body=body)
            listed[name].append({"Key": key, "Size": len(body)})
        manifest = {"DestinationBucket": bucket, "MapRunArn": map_run.arn, "ResultFiles": listed}
        s3.put_object(Bucket=bucket, Key=f"{folder}/manifest.json", Body=text_of(manifest).encode())
    except (ClientError, BotoCoreError) as error:
        raise StatesError(RESULT_WRITER, str(error)) from error
    return {"MapRunArn": map_run.arn, "ResultWriterDetails": {"Bucket": bucket, "Key": f"{folder}/manifest.json"}}
