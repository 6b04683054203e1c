"""What every world is made of, made once a process: handlers, state machines, clients, the dataset's rows."""

import functools
import hashlib
import json
import re
from typing import Any

import boto3

from tests.conftest import REPO
from tests.integration import account as accounts
from tests.integration.account import REGION, TABLE


@functools.cache
def handler(path: str) -> accounts.Handler:
    """Imported once a process, as a warm function is."""
    return accounts.Account.handler(_Importer(), path)  # type: ignore[arg-type]


class _Importer:
    _repo = REPO


@functools.cache
def machine(journey: str) -> str:
    text = (REPO / "statemachines" / f"{journey}.asl.json").read_text()
    return re.sub(r"\$\{(\w+)\}", r"\1", text.replace("${Ledger}", TABLE).replace("${Bus}", accounts.BUS))


@functools.cache
def client(service: str) -> Any:
    """moto answers clients of all its accounts: making them is what takes time."""
    return boto3.client(service, region_name=REGION)


@functools.cache
def rows_of(split: str) -> bytes:
    rows = []
    for number in range(40):
        digits = hashlib.sha256(f"{split} {number}".encode()).hexdigest()
        words = " ".join(digits[start : start + 6] for start in range(0, 48, 6))
        rows.append(json.dumps({"id": f"{split}-{number}", "text": f"{words}?", "correct_answer": f"It is {number}"}))
    return "".join(row + "\n" for row in rows).encode()


@functools.cache
def functions() -> dict[str, str]:
    """Function's name in the state machines -> its folder."""
    found = [folder.parent for folder in (REPO / "functions").glob("*/*/app.py")]
    return {
        "".join(word.capitalize() for word in folder.name.split("_"))
        + "Function": f"{folder.parent.name}/{folder.name}"
        for folder in found
    }
