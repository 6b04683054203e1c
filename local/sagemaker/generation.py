"""What a text-generation request may ask, in the form of Hugging Face's inference containers."""

import json
from dataclasses import dataclass, fields
from typing import Any


class BadRequest(Exception):
    """The request cannot be answered; the message is one sentence for whoever sent it."""


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
    decoder_input_details: bool = False
    """With `details`: how likely each token of the input was."""

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
        "decoder_input_details": "bool",
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
    if parameters.decoder_input_details and not parameters.details:
        raise BadRequest("`decoder_input_details` needs `details`")
    if parameters.do_sample and parameters.temperature <= 0:
        raise BadRequest("`temperature` must be greater than 0 when `do_sample` is true")
    if not 0 < parameters.top_p <= 1:
        raise BadRequest("`top_p` must be greater than 0 and at most 1")
    if parameters.top_k < 0 or parameters.repetition_penalty <= 0:
        raise BadRequest("`top_k` must not be negative and `repetition_penalty` must be greater than 0")
