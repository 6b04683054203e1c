"""How near answers come to what an endpoint can give, and how often the model is called for them.

The evaluation job's own collecting, with boto3 over HTTP, asks an endpoint (a process of its own) whose answers take a
fixed time, and that refuses what goes beyond a fixed number at once: at best `limit / latency` answers a second.
FMEval calls a model once for each algorithm and row (here three algorithms, and each prompt in two rows); we call it
once for each distinct prompt.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.record import Figure
from containers.evaluate.answer_store import Author
from containers.evaluate.answers import Shelf, collect
from containers.evaluate.targets.endpoint import Endpoint
from fmops.evaluation.models import Decoding
from fmops.evaluation.targets import EndpointTarget, Identity

LATENCY, LIMIT, PROMPTS, COPIES = 0.4, 24, 4200, 2
# What the job is allowed at most: the limit of the endpoint is not told.
_MOST = 256
_ALGORITHMS = 3


def run(latency: float = LATENCY, limit: int = LIMIT, prompts: int = PROMPTS) -> dict[str, Figure]:
    """`generation_utilisation` and `model_calls_per_prompt`, with what they are made of."""
    rows = {f"row-{n}": f"prompt {n % prompts}" for n in range(prompts * COPIES)}
    with _endpoint(latency, limit) as url, tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder, "known"), Path(folder, "new"))
        author = Author(Identity(artifact="a", prompt_template="p", decoding="d"), "bench")
        begun = time.perf_counter()
        collected = collect(_target, rows, shelf, author, _MOST, lambda _done, _total: None)
        seconds = time.perf_counter() - begun
        with urllib.request.urlopen(f"{url}/calls") as response:  # noqa: S310 - this machine's own
            calls = json.load(response)
    if any(answer.answer is None for answer in collected.answers):
        raise RuntimeError("not every row was answered")
    asked = f"{prompts:,} distinct prompts in {prompts * COPIES:,} rows"
    return {
        "generation_utilisation": Figure(
            value=round(prompts * latency / limit / seconds, 4),
            unit="of the best",
            note=f"answers by the clock: {asked} of an endpoint that takes {latency:g} s and {limit} at once",
        ),
        "generation_throttled_share": Figure(
            value=round(calls["refused"] / (calls["answered"] + calls["refused"]), 4),
            unit="of the requests",
            note="refused by that endpoint while the job found out how many it takes",
        ),
        "model_calls_per_prompt": Figure(
            value=round(calls["answered"] / prompts, 4),
            unit="calls",
            rival="FMEval, by its design",
            rival_value=float(_ALGORITHMS * COPIES),
            note=f"{asked}, {_ALGORITHMS} algorithms",
        ),
    }


def _target() -> Endpoint:
    return Endpoint.of(EndpointTarget(endpoint_name="bench", region="us-east-1"), Decoding(), _MOST, None)


@contextmanager
def _endpoint(latency: float, limit: int) -> Iterator[str]:
    """The endpoint's address, which boto3 is sent to."""
    server = Path(__file__).with_name("limited_endpoint.py")
    command = [sys.executable, str(server), "--latency", str(latency), "--limit", str(limit)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - a pipe was asked for
            url = f"http://127.0.0.1:{process.stdout.readline().strip()}"
            os.environ["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"] = url
            os.environ |= {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
            yield url
        finally:
            process.terminate()


if __name__ == "__main__":
    print(json.dumps(run()))
