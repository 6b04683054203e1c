"""Conversations over HTTP with a model of a Hugging Face folder: what stands behind Bedrock on this machine.

Run by the jobs' interpreter as `python -m local.bedrock.serve --model-dir DIR --port N`. GET /ping answers 200 once the
model is loaded. POST /converse takes `{"messages": [{"role", "content"}], "maxTokens", "temperature", "topP",
"stopSequences"}` and answers `{"text", "input_tokens", "output_tokens", "stop_reason"}`.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any, Protocol

from local.sagemaker.batches import Continuation, Work
from local.sagemaker.generation import BadRequest, Parameters
from local.sagemaker.serve import serve

_REASONS = {"length": "max_tokens", "eos_token": "end_turn", "stop_sequence": "stop_sequence"}
_MOST_TOKENS = 512


class TalkingModel(Protocol):
    """The part of a model that a conversation needs."""

    tokenizer: Any

    def work(self, text: str, parameters: Parameters) -> Work: ...


class Queue(Protocol):
    """Where works wait for their continuation."""

    def submit(self, works: Sequence[Work]) -> None: ...


def converse(model: TalkingModel, batches: Queue, body: bytes) -> dict[str, Any]:
    """The answer to one request. BadRequest says what is wrong with it."""
    request = json.loads(body)
    parameters = _parameters(request)
    if not model.tokenizer.chat_template:
        raise BadRequest("the model has no chat template, so it can't hold a conversation")
    text = model.tokenizer.apply_chat_template(request["messages"], tokenize=False, add_generation_prompt=True)
    work = model.work(text, parameters)
    batches.submit([work])
    said: Continuation = work.result.result()
    return {
        "text": _without_stop(said.text, parameters.stop).strip(),
        "input_tokens": len(work.tokens),
        "output_tokens": said.tokens,
        "stop_reason": _REASONS[said.finish_reason],
    }


def _parameters(request: dict[str, Any]) -> Parameters:
    temperature = request.get("temperature", 1.0)
    sampled = temperature > 0
    return Parameters(
        max_new_tokens=request.get("maxTokens", _MOST_TOKENS),
        do_sample=sampled,
        temperature=temperature if sampled else 1.0,
        top_p=request.get("topP") or 1.0,
        stop=tuple(request.get("stopSequences", ())),
    )


def _without_stop(text: str, stops: Sequence[str]) -> str:
    """Converse leaves the stop sequence out, where the text-generation format keeps it."""
    for stop in stops:
        if text.endswith(stop):
            return text.removesuffix(stop)
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    return serve(__doc__, converse, arguments)


if __name__ == "__main__":
    sys.exit(main())
