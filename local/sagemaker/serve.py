"""Text generation over HTTP, in the form of Hugging Face's inference containers: what an endpoint runs on this machine.

Run by the jobs' interpreter as `serve.py --model-dir DIR --port N`. Imports nothing of this repository.
GET /ping answers 200 once the model is loaded. POST /invocations takes `{"inputs": text or [texts], "parameters": {}}`
and answers `[{"generated_text": text}]`, a list of such lists for a list of texts.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

# Threads that spin while they wait starve everything else on a small machine; read when torch loads OpenMP.
os.environ.setdefault("GOMP_SPINCOUNT", "0")

MAX_BATCH = 16
# Callers that were answered together ask again together, a little apart: a batch waits for the last of them.
QUIET_SECONDS = 0.03
MOST_SECONDS = 0.3
PICKLES = (".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth")


class BadRequest(Exception):
    """The request cannot be answered; the message is one sentence for whoever sent it."""


class BadModel(Exception):
    """The folder cannot be served."""


@dataclass(frozen=True)
class Parameters:
    """How to continue a text. Names and defaults as in Hugging Face's container."""

    max_new_tokens: int = 100
    do_sample: bool = False
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    stop: tuple[str, ...] = ()
    return_full_text: bool = False
    seed: int | None = None
    details: bool = False

    @property
    def group(self) -> tuple[Any, ...]:
        """Texts of one group can be continued in one batch."""
        if not self.do_sample:
            return (False, self.repetition_penalty)
        # What a seed draws depends on the batch: a seeded text is continued alone.
        alone = object() if self.seed is not None else None
        return (True, self.temperature, self.top_p, self.top_k, self.repetition_penalty, alone)


@dataclass(frozen=True)
class Question:
    """A validated request."""

    inputs: tuple[str, ...]
    several: bool
    parameters: Parameters


@dataclass(frozen=True)
class Continuation:
    """What the model wrote."""

    text: str
    tokens: int
    finish_reason: Literal["length", "eos_token", "stop_sequence"]


@dataclass
class Work:
    """One text that waits for its continuation."""

    tokens: list[int]
    parameters: Parameters
    group: tuple[Any, ...]
    result: "Future[Continuation]" = field(default_factory=Future)


def parse(body: bytes) -> Question:
    """Read a request. BadRequest says what is wrong with it."""
    try:
        document = json.loads(body)
    except ValueError as error:
        raise BadRequest("the body is not JSON") from error
    if not isinstance(document, dict):
        raise BadRequest("the body must be a JSON object")
    inputs = document.get("inputs")
    several = isinstance(inputs, list)
    texts = tuple(inputs) if isinstance(inputs, list) else (inputs,)
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise BadRequest("`inputs` must be a text that is not empty, or a list of such texts")
    parameters = document.get("parameters")
    return Question(texts, several, _parameters({} if parameters is None else parameters))


def _parameters(given: Any) -> Parameters:
    if not isinstance(given, dict):
        raise BadRequest("`parameters` must be a JSON object")
    unknown = sorted(set(given) - {item.name for item in fields(Parameters)})
    if unknown:
        raise BadRequest(f"unknown parameters: {', '.join(unknown)}")
    given = {name: value for name, value in given.items() if value is not None}
    for name, value in given.items():
        _check_type(name, value)
    if "stop" in given:
        given["stop"] = tuple(given["stop"])
    parameters = Parameters(**given)
    _check_ranges(parameters)
    return parameters


def _check_type(name: str, value: Any) -> None:
    kinds = {
        "max_new_tokens": "int",
        "top_k": "int",
        "seed": "int",
        "do_sample": "bool",
        "return_full_text": "bool",
        "details": "bool",
        "stop": "list",
    }
    # By name, since True is an int to Python but not to whoever writes JSON.
    wanted, got = kinds.get(name, "float"), type(value).__name__
    if got != wanted and (wanted, got) != ("float", "int"):
        raise BadRequest(f"`{name}` must be {wanted}, and is {got}")
    if name == "stop" and not all(isinstance(item, str) and item for item in value):
        raise BadRequest("`stop` must be a list of texts that are not empty")


def _check_ranges(parameters: Parameters) -> None:
    if parameters.max_new_tokens < 1:
        raise BadRequest("`max_new_tokens` must be at least 1")
    if parameters.do_sample and parameters.temperature <= 0:
        raise BadRequest("`temperature` must be greater than 0 when `do_sample` is true")
    if not 0 < parameters.top_p <= 1:
        raise BadRequest("`top_p` must be greater than 0 and at most 1")
    if parameters.top_k < 0 or parameters.repetition_penalty <= 0:
        raise BadRequest("`top_k` must not be negative and `repetition_penalty` must be greater than 0")


class Batcher:
    """One thread that continues texts in batches of those that wait and fit together, the oldest first."""

    def __init__(self, generate: Callable[[list[Work]], list[Continuation]], max_batch: int = MAX_BATCH) -> None:
        self._generate = generate
        self._max_batch = max_batch
        self._waiting: deque[Work] = deque()
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="batches", daemon=True).start()

    def submit(self, works: Sequence[Work]) -> None:
        with self._changed:
            self._waiting.extend(works)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            batch = self._next()
            try:
                for work, result in zip(batch, self._generate(batch), strict=True):
                    work.result.set_result(result)
            except Exception as error:  # noqa: BLE001 - whoever waits is told, and the next batch may be well
                for work in batch:
                    if not work.result.done():
                        work.result.set_exception(error)

    def _next(self) -> list[Work]:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting))
            self._gather()
            group = self._waiting[0].group
            batch = [work for work in self._waiting if work.group == group][: self._max_batch]
            taken = {id(work) for work in batch}
            self._waiting = deque(work for work in self._waiting if id(work) not in taken)
            return batch

    def _gather(self) -> None:
        """Wait, with the lock, until a batch is full or nobody more comes."""
        end = time.monotonic() + MOST_SECONDS
        seen = 0
        while seen < len(self._waiting) < self._max_batch and time.monotonic() < end:
            seen = len(self._waiting)
            self._changed.wait(QUIET_SECONDS)


class Model:
    """A causal language model of a Hugging Face folder, in float32 on the CPU."""

    def __init__(self, folder: Path, threads: int) -> None:
        check_folder(folder)
        import torch
        import transformers

        self._torch: Any = torch
        self._transformers: Any = transformers
        transformers.utils.logging.set_verbosity_error()
        torch.set_num_threads(threads)
        self.tokenizer: Any = transformers.AutoTokenizer.from_pretrained(
            folder, local_files_only=True, padding_side="left"
        )
        if self.tokenizer.pad_token_id is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token
        # 16-bit weights are several times slower on a CPU.
        self._model: Any = transformers.AutoModelForCausalLM.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
        ).eval()
        self._longest = int(getattr(self._model.config, "max_position_embeddings", 2048))
        self.generate([self.work("Hello", Parameters(max_new_tokens=2))])

    def work(self, text: str, parameters: Parameters) -> Work:
        """The text as tokens. BadRequest when the model has no room for it and its continuation."""
        tokens = list(self.tokenizer(text)["input_ids"])
        if len(tokens) + parameters.max_new_tokens > self._longest:
            raise BadRequest(
                f"`inputs` tokens + `max_new_tokens` must be <= {self._longest}. "
                f"Given: {len(tokens)} `inputs` tokens and {parameters.max_new_tokens} `max_new_tokens`"
            )
        return Work(tokens, parameters, parameters.group)

    def generate(self, batch: list[Work]) -> list[Continuation]:
        torch = self._torch
        begun = time.perf_counter()
        shared = batch[0].parameters
        if shared.seed is not None:
            torch.manual_seed(shared.seed)
        padded = self.tokenizer.pad({"input_ids": [work.tokens for work in batch]}, return_tensors="pt")
        width = padded["input_ids"].shape[1]
        sampling = {"temperature": shared.temperature, "top_p": shared.top_p, "top_k": shared.top_k}
        with torch.inference_mode():
            rows = self._model.generate(
                **padded,
                max_new_tokens=max(work.parameters.max_new_tokens for work in batch),
                do_sample=shared.do_sample,
                **(sampling if shared.do_sample else {"temperature": None, "top_p": None, "top_k": None}),
                repetition_penalty=shared.repetition_penalty,
                pad_token_id=self.tokenizer.pad_token_id,
                eos_token_id=self.tokenizer.eos_token_id,
                stopping_criteria=self._transformers.StoppingCriteriaList([self._limits(batch, width)]),
            )
        results = [self._cut(work, row[width:].tolist()) for work, row in zip(batch, rows, strict=True)]
        tokens = sum(result.tokens for result in results)
        print(f"batch={len(batch)} tokens={tokens} seconds={time.perf_counter() - begun:.2f}", flush=True)
        return results

    def _limits(self, batch: list[Work], width: int) -> Any:
        """Ends each row of a batch at its own length and its own stop texts."""
        torch, model = self._torch, self

        class Limits(self._transformers.StoppingCriteria):  # type: ignore[misc, name-defined]
            def __call__(self, rows: Any, _scores: Any, **_others: Any) -> Any:
                written = rows.shape[1] - width
                ended = [
                    written >= work.parameters.max_new_tokens
                    or model.stop_at(work, row[width:].tolist() if work.parameters.stop else []) is not None
                    for work, row in zip(batch, rows, strict=True)
                ]
                return torch.tensor(ended, dtype=torch.bool)

        return Limits()

    def stop_at(self, work: Work, tokens: list[int]) -> int | None:
        """Where the text of the tokens passes its first stop text, in characters."""
        if not tokens:
            return None
        text = self.tokenizer.decode(tokens, skip_special_tokens=True)
        ends = [text.find(stop) + len(stop) for stop in work.parameters.stop if stop in text]
        return min(ends, default=None)

    def _cut(self, work: Work, tokens: list[int]) -> Continuation:
        tokens = tokens[: work.parameters.max_new_tokens]
        reason: Literal["length", "eos_token", "stop_sequence"] = "length"
        if self.tokenizer.eos_token_id in tokens:
            tokens = tokens[: tokens.index(self.tokenizer.eos_token_id) + 1]
            reason = "eos_token"
        text = self.tokenizer.decode(tokens, skip_special_tokens=True)
        end = self.stop_at(work, tokens)
        if end is not None:
            # The stop text itself stays, as in Hugging Face's container.
            text, reason = text[:end], "stop_sequence"
        return Continuation(text, len(tokens), reason)


def check_folder(folder: Path) -> None:
    """BadModel for a folder whose weights would run code when they are loaded, or that has none."""
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    pickles = [name for name in names if name.endswith(PICKLES)]
    if pickles:
        raise BadModel(f"{pickles[0]} may be a pickle, which can run code: only safetensors are served")
    if not any(name.endswith(".safetensors") for name in names):
        raise BadModel("the model folder holds no safetensors")


def answer(model: Model, batcher: Batcher, body: bytes) -> Any:
    """The answer to one request."""
    question = parse(body)
    works = [model.work(text, question.parameters) for text in question.inputs]
    batcher.submit(works)
    parts = [
        _described(text, work.result.result(), question.parameters)
        for text, work in zip(question.inputs, works, strict=True)
    ]
    return [[part] for part in parts] if question.several else parts


def _described(text: str, result: Continuation, parameters: Parameters) -> dict[str, Any]:
    described: dict[str, Any] = {"generated_text": text + result.text if parameters.return_full_text else result.text}
    if parameters.details:
        described["details"] = {
            "finish_reason": result.finish_reason,
            "generated_tokens": result.tokens,
            "seed": parameters.seed,
        }
    return described


class Server(ThreadingHTTPServer):
    """Answers 503 until `respond` is there."""

    daemon_threads = True
    request_queue_size = 128
    respond: Callable[[bytes], Any] | None = None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        self._send(200 if self.server.respond else 503, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.respond is None:
            self._send(503, {"error": "the model is being loaded"})
            return
        try:
            self._send(200, self.server.respond(body))
        except BadRequest as error:
            self._send(400, {"error": str(error), "error_type": "validation"})
        except Exception as error:  # noqa: BLE001 - the caller is told, and the log
            print(f"error: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            self._send(500, {"error": f"{type(error).__name__}: {error}", "error_type": "generation"})

    def log_message(self, *_: Any) -> None:
        """Say nothing of single requests."""

    def _send(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--threads", type=int, default=min(4, os.cpu_count() or 1))
    options = parser.parse_args(arguments)
    server = Server(("127.0.0.1", options.port), Handler)
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    try:
        model = Model(options.model_dir, options.threads)
    except (BadModel, OSError, ValueError) as error:
        print(f"cannot serve this model: {error}", file=sys.stderr, flush=True)
        return 1
    batcher = Batcher(model.generate)
    server.respond = lambda body: answer(model, batcher, body)
    print("serving", flush=True)
    threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
