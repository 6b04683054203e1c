"""A Converse request as a text model takes it: its texts, its parameters, and what is refused."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from local.protocol import AwsError, NotImplementedByEmbeddedAws

_UNKNOWN = ("toolConfig", "additionalModelRequestFields", "promptVariables", "outputConfig")


class Conversation(NamedTuple):
    """What is said so far, and how it goes on."""

    system: str | None
    messages: tuple[dict[str, str], ...]
    """`{"role": ..., "content": text}`, by turns."""
    inference: dict[str, Any]

    @property
    def last(self) -> str:
        return self.messages[-1]["content"]

    def body(self) -> dict[str, Any]:
        """What the model's server is asked."""
        first = ({"role": "system", "content": self.system},) if self.system else ()
        return {"messages": [*first, *self.messages], **self.inference}


def read(request: dict[str, Any]) -> Conversation:
    """AwsError `ValidationException` where Bedrock would refuse; loud where only this one does."""
    for member in _UNKNOWN:
        if request.get(member):
            raise NotImplementedByEmbeddedAws(f"{member} of Converse")
    messages = tuple(
        {"role": message["role"], "content": _text(message["content"])} for message in request.get("messages", [])
    )
    if not messages or messages[0]["role"] != "user":
        raise _invalid("A conversation must start with a user message. Try again with a conversation that does.")
    if messages[-1]["role"] != "user":
        raise _invalid("The model's answer can only follow a user message.")
    for one, other in pairwise(messages):
        if one["role"] == other["role"]:
            raise _invalid("A conversation must alternate between user and assistant roles.")
    system = "\n".join(_text([block]) for block in request.get("system", [])) or None
    return Conversation(system, messages, dict(request.get("inferenceConfig", {})))


def _text(content: Sequence[dict[str, Any]]) -> str:
    texts = []
    for block in content:
        if "text" not in block:
            raise NotImplementedByEmbeddedAws(f"content of the kind {', '.join(block)}: only text")
        texts.append(block["text"])
    text = "\n".join(texts)
    if not text.strip():
        raise _invalid("The text field in the ContentBlock object is blank. Add text to the text field.")
    return text


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)
