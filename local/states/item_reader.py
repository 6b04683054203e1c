"""ItemReader of a distributed map: what is in a bucket, or the rows of an object. Runs in worker threads."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import unquote_plus

from botocore.exceptions import BotoCoreError, ClientError

from local.states.errors import ITEM_READER, StatesError
from local.states.map_definition import DELIMITERS
from local.states.values import value_of

_GZIP = b"\x1f\x8b"


def read(reader: dict[str, Any], client: Callable[[str, str | None], Any], role: str) -> list[Any]:
    """The items of an evaluated ItemReader. StatesError States.ItemReaderFailed for whatever goes wrong."""
    s3 = client("s3", role)
    config = reader.get("ReaderConfig", {})
    try:
        items = _listed(s3, reader["Arguments"]) if reader["Resource"].endswith("listObjectsV2") else _rows(s3, reader)
        return list(islice(items, int(config["MaxItems"]) if "MaxItems" in config else None))
    except (ClientError, BotoCoreError) as error:
        raise StatesError(ITEM_READER, str(error)) from error
    except (ValueError, KeyError, TypeError, OSError, csv.Error) as error:
        raise StatesError(ITEM_READER, f"the items cannot be read: {error!r}") from error


def _listed(s3: Any, arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for page in s3.get_paginator("list_objects_v2").paginate(**arguments):
        for entry in page.get("Contents", []):
            yield {
                "Etag": entry["ETag"],
                "Key": entry["Key"],
                "LastModified": int(entry["LastModified"].timestamp()),
                "Size": entry["Size"],
                "StorageClass": entry.get("StorageClass", "STANDARD"),
            }


def _rows(s3: Any, reader: dict[str, Any]) -> Iterator[Any]:
    arguments, config = reader["Arguments"], reader["ReaderConfig"]
    text = _text(s3, arguments)
    match config["InputType"]:
        case "JSON":
            return iter(_array(value_of(text), config.get("ItemsPointer", "")))
        case "JSONL":
            return (value_of(line) for line in text.splitlines() if line.strip())
        case "CSV":
            return _csv(text, config)
        case _:
            return _inventory(s3, arguments, value_of(text))


def _text(s3: Any, arguments: dict[str, Any]) -> str:
    body: bytes = s3.get_object(**arguments)["Body"].read()
    return (gzip.decompress(body) if body[:2] == _GZIP else body).decode("utf-8-sig")


def _array(value: Any, pointer: str) -> list[Any]:
    """The array at a JSON pointer."""
    for part in pointer.split("/")[1:]:
        value = value[part.replace("~1", "/").replace("~0", "~")]
    if not isinstance(value, list):
        raise TypeError("Attempting to map over non-iterable node.")
    return value


def _csv(text: str, config: dict[str, Any]) -> Iterator[dict[str, str]]:
    header = config.get("CSVHeaders")
    delimiter = DELIMITERS[config.get("CSVDelimiter", "COMMA")]
    for row in csv.DictReader(io.StringIO(text, newline=""), header, restval="", delimiter=delimiter):
        # Cells without a header have no name to go by; AWS drops them.
        yield {name: cell for name, cell in row.items() if name is not None}


def _inventory(s3: Any, arguments: dict[str, Any], manifest: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The objects of an S3 Inventory, whose files stand in the manifest's own bucket."""
    if manifest["fileFormat"] != "CSV":
        raise ValueError(f"inventories in {json.dumps(manifest['fileFormat'])} are not supported here")
    names = [name.strip() for name in manifest["fileSchema"].split(",")]
    for file in manifest["files"]:
        text = _text(s3, {"Bucket": arguments["Bucket"], "Key": file["key"]})
        for row in csv.DictReader(io.StringIO(text, newline=""), names, restval=""):
            yield {**row, "Key": unquote_plus(row["Key"])}
