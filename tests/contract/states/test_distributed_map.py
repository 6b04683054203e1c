"""Distributed Map: readers, batches, tolerance, writers, map runs."""

import gzip
import json
from typing import Any

import boto3
import pytest

PASS = {"Type": "Pass", "End": True}
BUCKET = "data"


@pytest.fixture
def s3(aws: Any) -> Any:
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    return client


def _map(states: dict[str, Any] | None = None, kind: str = "STANDARD", **more: Any) -> dict[str, Any]:
    states = states or {"P": PASS}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
    processor = {"ProcessorConfig": config, "StartAt": next(iter(states)), "States": states}
    state = {"Type": "Map", "ItemProcessor": processor, **more}
    return state if "Next" in more else {**state, "End": True}


def _reader(key: str, **config: Any) -> dict[str, Any]:
    arguments = {"Bucket": BUCKET, "Key": key}
    return {"Resource": "arn:aws:states:::s3:getObject", "Arguments": arguments, "ReaderConfig": config}


FAIL_ODD = {
    "C": {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input % 2 = 1 %}", "Next": "F"}],
        "Default": "S",
    },
    "F": {"Type": "Fail", "Error": "Odd", "Cause": "{% $string($states.input) %}"},
    "S": {"Type": "Succeed", "Output": "{% $states.input * 10 %}"},
}


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_each_item_is_a_child_execution(machines: Any, kind: str) -> None:
    double = {**PASS, "Output": "{% [$states.input * 2, $states.context.Execution.Input] %}"}

    assert machines.output({"M": _map({"P": double}, kind)}, [1, 2]) == [[2, 1], [4, 2]]


def test_children_do_not_see_the_variables_of_the_parent(machines: Any) -> None:
    show = {**PASS, "Output": "{% $exists($outer) %}"}
    states = {
        "I": {"Type": "Pass", "Assign": {"outer": 1}, "Next": "M"},
        "M": _map({"P": show}, ItemSelector={"o": "{% $outer %}"}),
    }

    assert machines.output(states, [1]) == [False]


def test_items_from_a_bucket_listing(machines: Any, s3: Any) -> None:
    for name in ("in/a", "in/b", "in/c", "out/d"):
        s3.put_object(Bucket=BUCKET, Key=name, Body=b"12345")
    reader = {
        "Resource": "arn:aws:states:::s3:listObjectsV2",
        "Arguments": {"Bucket": BUCKET, "Prefix": "{% $states.input.prefix %}"},
        "ReaderConfig": {"MaxItems": 2},
    }

    items = machines.output({"M": _map(ItemReader=reader)}, {"prefix": "in/"})

    assert [(item["Key"], item["Size"], item["StorageClass"]) for item in items] == [
        ("in/a", 5, "STANDARD"),
        ("in/b", 5, "STANDARD"),
    ]
    assert {"Etag", "LastModified"} < set(items[0])


@pytest.mark.parametrize(
    ("body", "config", "items"),
    [
        (b'[1, {"a": 2}]', {"InputType": "JSON"}, [1, {"a": 2}]),
        (b'{"x": {"y": [7]}}', {"InputType": "JSON", "ItemsPointer": "/x/y"}, [7]),
        (b'{"a": 1}\n\n{"a": 2}\n', {"InputType": "JSONL"}, [{"a": 1}, {"a": 2}]),
        (gzip.compress(b'{"a": 1}', mtime=0), {"InputType": "JSONL"}, [{"a": 1}]),
        (b'a,b\n1,"x, y"\n2,\n', {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
         [{"a": "1", "b": "x, y"}, {"a": "2", "b": ""}]),
        (b"1|2\n", {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "b"], "CSVDelimiter": "PIPE"},
         [{"a": "1", "b": "2"}]),
    ],
)  # fmt: skip
def test_items_from_an_object(machines: Any, s3: Any, body: bytes, config: dict[str, Any], items: list[Any]) -> None:
    s3.put_object(Bucket=BUCKET, Key="items", Body=body)

    assert machines.output({"M": _map(ItemReader=_reader("items", **config))}) == items


def test_items_from_an_inventory(machines: Any, s3: Any) -> None:
    manifest = {"fileFormat": "CSV", "fileSchema": "Bucket, Key, Size", "files": [{"key": "inventory/1.csv.gz"}]}
    s3.put_object(Bucket=BUCKET, Key="manifest.json", Body=json.dumps(manifest).encode())
    s3.put_object(Bucket=BUCKET, Key="inventory/1.csv.gz", Body=gzip.compress(b'"data","a%2Bb","3"\n'))

    items = machines.output({"M": _map(ItemReader=_reader("manifest.json", InputType="MANIFEST"))})

    assert items == [{"Bucket": "data", "Key": "a+b", "Size": "3"}]


@pytest.mark.parametrize("body", [b"{", b'{"a": 1}', None])
def test_items_that_cannot_be_read_fail_the_map(machines: Any, s3: Any, body: bytes | None) -> None:
    if body is not None:
        s3.put_object(Bucket=BUCKET, Key="items", Body=body)
    states = {
        "M": _map(
            ItemReader=_reader("items", InputType="JSON"),
            Catch=[{"ErrorEquals": ["States.ItemReaderFailed"], "Output": "caught", "Next": "S"}],
            Next="S",
        ),
        "S": {"Type": "Succeed"},
    }

    assert machines.output(states) == "caught"


def test_batches_by_count(machines: Any) -> None:
    batcher = {"MaxItemsPerBatch": "{% 2 %}", "BatchInput": {"bucket": "{% $states.input.bucket %}"}}
    selector = "{% $states.context.Map.Item.Value + 1 %}"
    state = _map(Items="{% $states.input.items %}", ItemSelector=selector, ItemBatcher=batcher)

    assert machines.output({"M": state}, {"bucket": "b", "items": [1, 2, 3]}) == [
        {"BatchInput": {"bucket": "b"}, "Items": [2, 3]},
        {"BatchInput": {"bucket": "b"}, "Items": [4]},
    ]


def test_batches_by_size(machines: Any) -> None:
    state = _map(
        Items=["aaaa", "bbbb", "cccc"], ItemBatcher={"MaxInputBytesPerBatch": len('{"Items":["aaaa","bbbb"]}')}
    )

    assert machines.output({"M": state}) == [{"Items": ["aaaa", "bbbb"]}, {"Items": ["cccc"]}]


@pytest.mark.parametrize(
    ("tolerance", "ok"),
    [
        ({}, False),
        ({"ToleratedFailureCount": 2}, True),
        ({"ToleratedFailureCount": 1}, False),
        ({"ToleratedFailurePercentage": 50}, True),
        ({"ToleratedFailurePercentage": "{% 49 %}"}, False),
        ({"ToleratedFailurePercentage": 100, "ToleratedFailureCount": 1}, False),
    ],
)
def test_failures_up_to_the_tolerance(machines: Any, tolerance: dict[str, Any], ok: bool) -> None:
    shown = machines.run({"M": _map(FAIL_ODD, **tolerance)}, [1, 2, 3, 4])

    assert shown["status"] == ("SUCCEEDED" if ok else "FAILED")
    assert shown.get("error") == (None if ok else "States.ExceedToleratedFailureThreshold")


def test_a_failed_batch_counts_all_of_its_items(machines: Any) -> None:
    fail = {"F": {"Type": "Fail", "Error": "Bad"}}
    state = _map(fail, ItemBatcher={"MaxItemsPerBatch": 3}, ToleratedFailureCount=2)

    assert machines.run({"M": state}, [1, 2, 3])["error"] == "States.ExceedToleratedFailureThreshold"


def _writer(**config: str) -> dict[str, Any]:
    where = {"Bucket": BUCKET, "Prefix": "{% 'runs/' & $states.context.Execution.Name %}"}
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": where}
    return {**writer, "WriterConfig": config} if config else writer


def test_results_are_written_with_a_manifest(machines: Any, s3: Any) -> None:
    machine = machines.create({"M": _map(FAIL_ODD, ToleratedFailureCount=1, ResultWriter=_writer())})
    execution = machines.start(machine, [1, 2], name="e")

    result = json.loads(machines.ended(execution)["output"])

    where = result["ResultWriterDetails"]
    assert where["Key"].startswith("runs/e/")
    manifest = json.loads(s3.get_object(Bucket=where["Bucket"], Key=where["Key"])["Body"].read())
    assert manifest["MapRunArn"] == result["MapRunArn"]
    files = {kind: [json.loads(s3.get_object(Bucket=BUCKET, Key=file["Key"])["Body"].read()) for file in listed]
             for kind, listed in manifest["ResultFiles"].items()}  # fmt: skip
    assert files["PENDING"] == []
    [[failed]], [[succeeded]] = files["FAILED"], files["SUCCEEDED"]
    assert (failed["Status"], failed["Error"], failed["Input"]) == ("FAILED", "Odd", "1")
    assert (succeeded["Status"], succeeded["Output"]) == ("SUCCEEDED", "20")


def test_flattened_results_as_lines(machines: Any, s3: Any) -> None:
    pair = {**PASS, "Output": "{% [$states.input, $states.input] %}"}
    state = _map({"P": pair}, ResultWriter=_writer(Transformation="FLATTEN", OutputType="JSONL"))

    result = machines.output({"M": state}, [1, 2])

    manifest = json.loads(s3.get_object(Bucket=BUCKET, Key=result["ResultWriterDetails"]["Key"])["Body"].read())
    [file] = manifest["ResultFiles"]["SUCCEEDED"]
    assert file["Key"].endswith("SUCCEEDED_0.jsonl")
    assert s3.get_object(Bucket=BUCKET, Key=file["Key"])["Body"].read() == b"1\n1\n2\n2"


def test_results_are_flattened_in_place_without_a_bucket(machines: Any) -> None:
    pair = {**PASS, "Output": "{% [$states.input, $states.input] %}"}
    writer = {"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}}

    assert machines.output({"M": _map({"P": pair}, ResultWriter=writer)}, [1, 2]) == [1, 1, 2, 2]


def test_results_are_written_even_when_the_map_fails(machines: Any, s3: Any) -> None:
    state = _map(FAIL_ODD, MaxConcurrency=1, ResultWriter=_writer(Transformation="COMPACT", OutputType="JSON"))

    machines.run({"M": state}, [2, 1, 4])

    keys = [entry["Key"].rsplit("/", 1)[1] for entry in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert keys == ["FAILED_0.json", "PENDING_0.json", "SUCCEEDED_0.json", "manifest.json"]


def test_a_bucket_that_is_not_there_fails_the_map(machines: Any) -> None:
    assert machines.run({"M": _map(ResultWriter=_writer())}, [1])["error"] == "States.ResultWriterFailed"


def test_the_map_run_and_its_children_can_be_looked_at(machines: Any) -> None:
    machine = machines.create({"M": _map(FAIL_ODD, Label="each", ToleratedFailurePercentage=70, MaxConcurrency=2)})
    execution = machines.start(machine, [1, 2, 3])
    machines.ended(execution)

    [run] = machines.api.list_map_runs(executionArn=execution)["mapRuns"]
    shown = machines.api.describe_map_run(mapRunArn=run["mapRunArn"])
    children = machines.api.list_executions(mapRunArn=run["mapRunArn"], statusFilter="FAILED")["executions"]
    child = machines.api.describe_execution(executionArn=children[0]["executionArn"])

    assert (shown["status"], shown["maxConcurrency"], shown["toleratedFailurePercentage"]) == ("SUCCEEDED", 2, 70)
    assert shown["itemCounts"]["failed"] == 2
    assert shown["executionCounts"]["total"] == 3
    assert len(children) == 2
    assert child["mapRunArn"] == run["mapRunArn"]
    assert child["stateMachineArn"] == f"{machine}/each"
    assert [kind for kind in machines.kinds(execution) if "MapRun" in kind] == ["MapRunStarted", "MapRunSucceeded"]


def test_stopping_the_parent_stops_the_children(machines: Any) -> None:
    wait = {"W": {"Type": "Wait", "Seconds": 86_400, "End": True}}
    execution = machines.start(machines.create({"M": _map(wait)}), [1, 2])
    run = machines.when(lambda: machines.api.list_map_runs(executionArn=execution)["mapRuns"])[0]["mapRunArn"]
    machines.when(lambda: len(machines.api.list_executions(mapRunArn=run)["executions"]) == 2)

    machines.api.stop_execution(executionArn=execution)

    assert machines.api.describe_map_run(mapRunArn=run)["executionCounts"]["aborted"] == 2


def test_children_of_an_express_map_live_five_minutes(machines: Any) -> None:
    wait = {"W": {"Type": "Wait", "Seconds": 301, "End": True}}
    execution = machines.start(machines.create({"M": _map(wait, "EXPRESS")}), [1])
    run = machines.when(lambda: machines.api.list_map_runs(executionArn=execution)["mapRuns"])[0]["mapRunArn"]
    machines.when(lambda: machines.api.describe_map_run(mapRunArn=run)["executionCounts"]["running"] == 1)

    machines.clock.advance(300)

    assert machines.ended(execution)["error"] == "States.ExceedToleratedFailureThreshold"
    assert machines.api.describe_map_run(mapRunArn=run)["executionCounts"]["timedOut"] == 1
