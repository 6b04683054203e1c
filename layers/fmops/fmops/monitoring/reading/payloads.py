"""Finds the text in what models are asked and what they answer, in the shapes that servers and providers use."""

from collections.abc import Iterable
from typing import Any, NamedTuple

_INTERVENED = ("INTERVENED", "GUARDRAIL_INTERVENED", "guardrail_intervened")


MOST_TOKENS = 1 << 31
"""No answer has as many: such a count is none."""


class Answered(NamedTuple):
    """What a model answered."""

    text: str
    error: bool = False
    intervened: bool = False
    """Whether a guardrail spoke instead of the model."""
    prompt_tokens: int | None = None
    answer_tokens: int | None = None


def prompt_of(body: Any) -> str | None:
    """The prompt: of a conversation the last thing that the user said. None where the shape is not known."""
    if isinstance(body, str):
        return body
    if not isinstance(body, dict):
        return None
    for name in ("inputs", "prompt", "inputText", "message", "text", "question"):
        value = body.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return _said(value)
    return _said(body.get("messages"))


def _said(messages: Any) -> str | None:
    """The last message of the user; of a list of texts, all of them."""
    if not isinstance(messages, list) or not messages:
        return None
    if all(isinstance(message, str) for message in messages):
        return "\n".join(messages)
    for message in reversed(messages):
        if isinstance(message, list):
            return _said(message)
        if isinstance(message, dict) and message.get("role", "user") == "user":
            return _content(message.get("content"))
    return None


def answer_of(body: Any) -> Answered | None:
    """The answer; a list of several is taken for the pieces of a stream. None where the shape is not known."""
    if isinstance(body, str):
        return Answered(body)
    if isinstance(body, list):
        return _joined(body)
    if not isinstance(body, dict):
        return None
    text, intervened = _text(body), _intervened(body)
    if text is None:
        if "error" in body or "errorCode" in body or "error_code" in body:
            return Answered("", error=True)
        return Answered("", intervened=True) if intervened else None
    asked, answered = _usage(body)
    return Answered(text, False, intervened, asked, answered)


def _joined(pieces: list[Any]) -> Answered | None:
    """One answer of a stream's pieces; of those that hold no text only what else they tell counts."""
    texts: list[str] = []
    intervened, known, error = False, False, False
    asked: int | None = None
    answered: int | None = None
    for piece in pieces:
        if not isinstance(piece, dict):
            return Answered("".join(pieces)) if pieces and all(isinstance(p, str) for p in pieces) else None
        text = _delta(piece)
        if text is None and len(pieces) == 1:
            text = _text(piece)
        if text is None and "error" in piece:
            error = True
        known = known or text is not None or error
        if text:
            texts.append(text)
        intervened = intervened or _intervened(piece)
        piece_asked, piece_answered = _usage(piece)
        asked = piece_asked if piece_asked is not None else asked
        answered = piece_answered if piece_answered is not None else answered
    if not known and not intervened:
        return None
    return Answered("".join(texts), error and not texts, intervened, asked, answered)


def _text(body: dict[str, Any]) -> str | None:
    """The text of a whole answer."""
    for name in ("generated_text", "completion", "generation", "outputText", "answer"):
        if isinstance(body.get(name), str):
            return str(body[name])
    choices = _first(body, ("choices", "results", "outputs", "generations"))
    if choices is not None:
        message = choices.get("message")
        if isinstance(message, dict):
            return _content(message.get("content"))
        return _string(choices, ("text", "outputText", "generated_text"))
    output = body.get("output")
    if isinstance(output, dict) and isinstance(output.get("message"), dict):
        return _content(output["message"].get("content"))
    if isinstance(output, str):
        return output
    return _content(body["content"]) if "content" in body else _string(body, ("text",))


def _delta(piece: dict[str, Any]) -> str | None:
    """The text that one piece of a stream adds."""
    inner = piece.get("contentBlockDelta", piece)
    delta = inner.get("delta") if isinstance(inner, dict) else None
    if isinstance(delta, dict):
        return _string(delta, ("text",)) or ""
    choice = _first(piece, ("choices", "outputs"))
    if choice is not None:
        if isinstance(choice.get("delta"), dict):
            return _string(choice["delta"], ("content",)) or ""
        return _string(choice, ("text",))
    token = piece.get("token")
    if isinstance(token, dict):
        return _string(token, ("text",))
    return _string(piece, ("outputText", "generation", "generated_text", "completion"))


def _content(content: Any) -> str | None:
    """A message's content: a text, or a list of parts of which the texts count."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    return "\n".join(_texts(content))


def _texts(parts: list[Any]) -> Iterable[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            yield part["text"]


def _first(body: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any] | None:
    for name in names:
        found = body.get(name)
        if isinstance(found, list) and found and isinstance(found[0], dict):
            return found[0]
    return None


def _string(body: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((body[name] for name in names if isinstance(body.get(name), str)), None)


def _intervened(body: dict[str, Any]) -> bool:
    stop = body.get("messageStop")
    said = (
        body.get("amazon-bedrock-guardrailAction"),
        body.get("stopReason"),
        body.get("stop_reason"),
        stop.get("stopReason") if isinstance(stop, dict) else None,
    )
    return any(word in _INTERVENED for word in said)


def _usage(body: dict[str, Any]) -> tuple[int | None, int | None]:
    """Tokens of prompt and answer, where the model counted them."""
    usage = body.get("usage")
    if not isinstance(usage, dict):
        metadata = body.get("metadata")
        usage = metadata.get("usage") if isinstance(metadata, dict) else None
    if not isinstance(usage, dict):
        return None, None
    asked = _count(usage, ("prompt_tokens", "input_tokens", "inputTokens"))
    return asked, _count(usage, ("completion_tokens", "output_tokens", "outputTokens"))


def _count(usage: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        value = usage.get(name)
        if isinstance(value, int) and 0 <= value < MOST_TOKENS:
            return value
    return None
