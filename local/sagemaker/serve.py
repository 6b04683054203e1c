"""Text generation over HTTP, in the form of Hugging Face's inference containers: what an endpoint runs on this machine.

Run by the jobs' interpreter as `python -m local.sagemaker.serve --model-dir DIR --port N`; of this repository it needs
only the two modules beside it. GET /ping answers 200 once the model is loaded. POST /invocations takes
`{"inputs": text or [texts], "parameters": {}}` and answers `[{"generated_text": text}]`, a list of such lists for a
list of texts.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

from local.sagemaker.batches import Batcher, Continuation, Work
from local.sagemaker.generation import BadRequest, Parameters, parse

# Threads that spin while they wait starve everything else on a small machine; read when torch loads OpenMP.
os.environ.setdefault("GOMP_SPINCOUNT", "0")

PICKLES = (".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth")


class BadModel(Exception):
    """The folder cannot be served."""


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
        results = [
            replace(self._cut(work, row[width:].tolist()), prefill=self._prefill(work))
            for work, row in zip(batch, rows, strict=True)
        ]
        tokens = sum(result.tokens for result in results)
        print(f"batch={len(batch)} tokens={tokens} seconds={time.perf_counter() - begun:.2f}", flush=True)
        return results

    def _prefill(self, work: Work) -> list[dict[str, Any]]:
        """The tokens of the input, and how likely each was behind those before it; of the first nobody knows."""
        if not work.parameters.decoder_input_details:
            return []
        torch = self._torch
        with torch.inference_mode():
            tokens = torch.tensor([work.tokens])
            chances = torch.log_softmax(self._model(tokens).logits[0, :-1].double(), dim=-1)
            told = [None, *chances.gather(1, tokens[0, 1:, None])[:, 0].tolist()]
        return [
            {"id": token, "text": self.tokenizer.decode([token]), "logprob": chance}
            for token, chance in zip(work.tokens, told, strict=True)
        ]

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
            "prefill": result.prefill,
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


def serve(
    description: str | None, respond: Callable[[Model, Batcher, bytes], Any], arguments: Sequence[str] | None
) -> int:
    """Serve a model in some tongue until the process ends; the exit code where the model cannot be served.

    Until the model is loaded the answer to everything is 503.
    """
    parser = argparse.ArgumentParser(description=description)
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
    server.respond = lambda body: respond(model, batcher, body)
    print("serving", flush=True)
    threading.Event().wait()
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    return serve(__doc__, answer, arguments)


if __name__ == "__main__":
    sys.exit(main())
