"""Checks the fields of a Map state: reader, selector, batcher, tolerance, writer."""

from collections.abc import Mapping
from typing import Any

from local.states import fields
from local.states.errors import InvalidDefinition
from local.states.query import is_expression

READERS = ("arn:aws:states:::s3:listObjectsV2", "arn:aws:states:::s3:getObject")
WRITER = "arn:aws:states:::s3:putObject"
INPUT_TYPES = frozenset({"JSON", "JSONL", "CSV", "MANIFEST"})
DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}

_READER_CONFIG = frozenset(
    {"InputType", "MaxItems", "CSVHeaderLocation", "CSVHeaders", "CSVDelimiter", "ItemsPointer", "ManifestType"}
)
_READER_ARGUMENTS = {
    READERS[0]: frozenset({"Bucket", "Prefix"}),
    READERS[1]: frozenset({"Bucket", "Key", "VersionId"}),
}


def check(state: Mapping[str, Any], processor: Mapping[str, Any], where: str) -> str | None:
    """The execution type of a distributed map's children, or None for an inline map."""
    config = fields.only(
        processor.get("ProcessorConfig", {}), {"Mode", "ExecutionType"}, f"{where}/ItemProcessor/ProcessorConfig"
    )
    mode = config.get("Mode", "INLINE")
    fields.one_of(mode, ("INLINE", "DISTRIBUTED"), f"{where}/ItemProcessor/ProcessorConfig/Mode")
    if "Items" in state and "ItemReader" in state:
        raise InvalidDefinition(where, "has both Items and ItemReader")
    _items(state, where)
    if "ItemSelector" in state:
        fields.query(state["ItemSelector"], f"{where}/ItemSelector")
    if "MaxConcurrency" in state:
        fields.integer(state["MaxConcurrency"], f"{where}/MaxConcurrency")
    if mode == "INLINE":
        if bad := sorted(fields.DISTRIBUTED_ONLY & set(state)):
            raise InvalidDefinition(where, f"{bad} need a distributed map")
        if "ExecutionType" in config:
            raise InvalidDefinition(f"{where}/ItemProcessor/ProcessorConfig", "ExecutionType needs a distributed map")
        return None
    kind = fields.required(config, "ExecutionType", f"{where}/ItemProcessor/ProcessorConfig")
    fields.one_of(kind, ("STANDARD", "EXPRESS"), f"{where}/ItemProcessor/ProcessorConfig/ExecutionType")
    _distributed(state, where)
    return str(kind)


def _items(state: Mapping[str, Any], where: str) -> None:
    if "Items" not in state:
        return
    if not isinstance(state["Items"], list | dict) and not is_expression(state["Items"]):
        raise InvalidDefinition(f"{where}/Items", "must be an array, an object or an expression")
    fields.query(state["Items"], f"{where}/Items")


def _distributed(state: Mapping[str, Any], where: str) -> None:
    if "Label" in state:
        fields.label(state["Label"], f"{where}/Label")
    if "ToleratedFailureCount" in state:
        fields.integer(state["ToleratedFailureCount"], f"{where}/ToleratedFailureCount", most=None)
    if "ToleratedFailurePercentage" in state:
        fields.number(state["ToleratedFailurePercentage"], f"{where}/ToleratedFailurePercentage", 0, 100)
    if "ItemReader" in state:
        _reader(state["ItemReader"], f"{where}/ItemReader")
    if "ItemBatcher" in state:
        _batcher(state["ItemBatcher"], f"{where}/ItemBatcher")
    if "ResultWriter" in state:
        _writer(state["ResultWriter"], f"{where}/ResultWriter")


def _reader(reader: Any, where: str) -> None:
    fields.only(reader, {"Resource", "Arguments", "ReaderConfig", "Comment"}, where)
    resource = fields.required(reader, "Resource", where)
    fields.one_of(resource, READERS, f"{where}/Resource")
    _object(fields.required(reader, "Arguments", where), _READER_ARGUMENTS[resource], f"{where}/Arguments")
    config = fields.only(reader.get("ReaderConfig", {}), _READER_CONFIG, f"{where}/ReaderConfig")
    place = f"{where}/ReaderConfig"
    if "MaxItems" in config:
        fields.integer(config["MaxItems"], f"{place}/MaxItems", least=1)
    if resource == READERS[1]:
        fields.one_of(fields.required(config, "InputType", place), INPUT_TYPES, f"{place}/InputType")
    elif extra := sorted(set(config) - {"MaxItems"}):
        raise InvalidDefinition(place, f"{extra} cannot be used with listObjectsV2")
    _input_type(config, place)


def _input_type(config: Mapping[str, Any], where: str) -> None:
    kind = config.get("InputType")
    for field, kinds in (
        ("CSVHeaderLocation", "CSV"),
        ("CSVHeaders", "CSV"),
        ("CSVDelimiter", "CSV"),
        ("ItemsPointer", "JSON"),
        ("ManifestType", "MANIFEST"),
    ):
        if field in config and kind != kinds:
            raise InvalidDefinition(f"{where}/{field}", f"needs the InputType {kinds}")
    if kind == "CSV":
        location = fields.required(config, "CSVHeaderLocation", where)
        fields.one_of(location, ("FIRST_ROW", "GIVEN"), f"{where}/CSVHeaderLocation")
        if (location == "GIVEN") != ("CSVHeaders" in config):
            raise InvalidDefinition(f"{where}/CSVHeaders", "must be given exactly when CSVHeaderLocation is GIVEN")
        fields.one_of(config.get("CSVDelimiter", "COMMA"), DELIMITERS, f"{where}/CSVDelimiter")
    if kind == "MANIFEST":
        fields.one_of(config.get("ManifestType", "S3_INVENTORY"), ("S3_INVENTORY",), f"{where}/ManifestType")


def _object(value: Any, known: frozenset[str], where: str) -> None:
    if not is_expression(value):
        fields.only(value, known, where)
        fields.required(value, "Bucket", where)
    fields.query(value, where)


def _batcher(batcher: Any, where: str) -> None:
    fields.only(batcher, {"MaxItemsPerBatch", "MaxInputBytesPerBatch", "BatchInput", "Comment"}, where)
    if not {"MaxItemsPerBatch", "MaxInputBytesPerBatch"} & set(batcher):
        raise InvalidDefinition(where, "needs MaxItemsPerBatch or MaxInputBytesPerBatch")
    if "MaxItemsPerBatch" in batcher:
        fields.integer(batcher["MaxItemsPerBatch"], f"{where}/MaxItemsPerBatch", least=1)
    if "MaxInputBytesPerBatch" in batcher:
        fields.integer(batcher["MaxInputBytesPerBatch"], f"{where}/MaxInputBytesPerBatch", least=1, most=262_144)
    if "BatchInput" in batcher:
        fields.query(batcher["BatchInput"], f"{where}/BatchInput")


def _writer(writer: Any, where: str) -> None:
    fields.only(writer, {"Resource", "Arguments", "WriterConfig", "Comment"}, where)
    if ("Resource" in writer) != ("Arguments" in writer) or not {"Resource", "WriterConfig"} & set(writer):
        raise InvalidDefinition(where, "needs Resource and Arguments, or WriterConfig, or all three")
    config = fields.only(writer.get("WriterConfig", {}), {"Transformation", "OutputType"}, f"{where}/WriterConfig")
    if "WriterConfig" in writer:
        for field, choices in (("Transformation", ("NONE", "COMPACT", "FLATTEN")), ("OutputType", ("JSON", "JSONL"))):
            fields.one_of(
                fields.required(config, field, f"{where}/WriterConfig"), choices, f"{where}/WriterConfig/{field}"
            )
    if "Resource" in writer:
        fields.one_of(writer["Resource"], (WRITER,), f"{where}/Resource")
        _object(writer["Arguments"], frozenset({"Bucket", "Prefix"}), f"{where}/Arguments")
    elif config.get("OutputType") == "JSONL":
        raise InvalidDefinition(f"{where}/WriterConfig/OutputType", "JSONL needs a bucket to be written to here")
