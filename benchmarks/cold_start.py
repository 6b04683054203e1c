"""What every function costs before its first event: its imports and the clients that it makes, in a fresh interpreter.

Beside a stock start: boto3, all that powertools has for a function but its tracer, pydantic with
one model, and the same clients made the plain way. Bytecode is there for both. The clients are found by following, from
the handler's file, the helpers that make them.
"""

import ast
import json
import os
import re
import statistics
import subprocess
import sys
from functools import cache
from pathlib import Path

from benchmarks.record import ROOT, Figure

LAYER = ROOT / "layers" / "fmops"
_STARTS, _SLOWEST = 7, 3
_CLIENT = re.compile(r"\bclient\(\"([a-z0-9-]+)\"\)")
_HELPERS = {"ledger": "dynamodb", "store": "s3", "emitter": "events"}
_SETTINGS = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "benchmark",
    "AWS_SECRET_ACCESS_KEY": "benchmark",
    "POWERTOOLS_TRACE_DISABLED": "1",
    "PYDANTIC_DISABLE_PLUGINS": "1",
    "PYTHONPATH": str(LAYER),
}
_OURS = """
import importlib.util
spec = importlib.util.spec_from_file_location("app", {file!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from fmops.core import wiring
for service in {services!r}:
    wiring.client(service)
"""
_STOCK = """
import boto3, pydantic
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.parser import event_parser
class Event(pydantic.BaseModel):
    id: str
Logger(service="stock"), Metrics(namespace="stock", service="stock")
for service in {services!r}:
    boto3.client(service)
"""
_MEASURED = "import time\nbefore = time.process_time()\n{script}\nprint((time.process_time() - before) * 1000)"


def main() -> None:
    functions = sorted((ROOT / "functions").glob("*/*/app.py"))
    # The first start of each writes the bytecode that later ones find.
    once = {file: min(_start(_ours(file)), _start(_ours(file))) for file in functions}
    slowest = sorted(functions, key=lambda file: once[file])[-_SLOWEST:]
    again = {file: _median(_ours(file)) for file in slowest}
    worst = max(slowest, key=lambda file: again[file])
    stock = _median(_STOCK.format(services=services(worst)))
    name = "/".join(worst.parts[-3:-1])
    clients = ", ".join(services(worst))
    print(
        json.dumps(
            {
                "cold_start_ms": Figure(
                    value=round(again[worst]),
                    unit="ms",
                    rival="a stock start",
                    rival_value=round(stock),
                    note=f"the slowest of {len(functions)} functions, {name}: imports and clients ({clients}); "
                    f"at most 600; the middle one takes {statistics.median(once.values()):.0f} ms",
                ),
                "cold_start_vs_stock": Figure(
                    value=round(again[worst] / stock, 3),
                    unit="of a stock start",
                    note=f"{name} beside boto3, powertools but for its tracer, pydantic and the same clients made the "
                    "plain way; at most 0.6",
                ),
            }
        )
    )


def _ours(file: Path) -> str:
    return _OURS.format(file=str(file), services=services(file))


def services(file: Path) -> list[str]:
    """The services whose clients a handler comes to make, itself or by a helper."""
    code, found = file.read_text(), set[str]()
    waiting, seen = [code], set[str]()
    while waiting:
        code = waiting.pop()
        found |= {*_CLIENT.findall(code.replace("'", '"'))}
        found |= {service for helper, service in _HELPERS.items() if f"{helper}()" in code}
        used = {name for name in _helpers() if re.search(rf"\b{name}\(", code)} - seen
        seen |= used
        waiting += [_helpers()[name] for name in used]
    return sorted(found)


@cache
def _helpers() -> dict[str, str]:
    """What makes clients for handlers, beside the core's: functions of the files `wiring` and `door`, by name."""
    files = [*LAYER.glob("fmops/*/wiring.py"), *LAYER.glob("fmops/*/door.py")]
    trees = [ast.parse(file.read_text()) for file in files if file.parent.name != "core"]
    return {node.name: ast.unparse(node) for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}


def _median(script: str) -> float:
    return statistics.median(_start(script) for _ in range(_STARTS))


def _start(script: str) -> float:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED.format(script=script)],
        env={**kept, **_SETTINGS},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
