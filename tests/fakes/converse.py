"""A server that speaks Bedrock's Converse for a scripted model."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from tests.fakes.answering import Answering, Server, answering

INPUT_TOKENS, OUTPUT_TOKENS = 200, 20


class Model(NamedTuple):
    """The server, what it was asked, and what it says."""

    server: Server
    asked: list[dict[str, Any]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def prompts(self) -> list[str]:
        return [request["messages"][0]["content"][0]["text"] for request in self.asked]

    def says(self, answer: Callable[[str], str]) -> None:
        """What it answers to a prompt; an empty answer is an error of the service."""
        self.server.answer = answer  # type: ignore[attr-defined]


class _Handler(Answering):
    def answer(self) -> None:
        body = self.asked()
        self.server.asked.append({**body, "path": self.path})  # type: ignore[attr-defined]
        text = self.server.answer(body["messages"][0]["content"][0]["text"])  # type: ignore[attr-defined]
        if text:
            self.send(_response(text))
        else:
            self.send({"message": "The provided request is not valid"}, 400, "ValidationException")


def _response(text: str) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
        "stopReason": "end_turn",
        "usage": {
            "inputTokens": INPUT_TOKENS,
            "outputTokens": OUTPUT_TOKENS,
            "totalTokens": INPUT_TOKENS + OUTPUT_TOKENS,
        },
        "metrics": {"latencyMs": 1},
    }


@contextmanager
def converse(answer: Callable[[str], str]) -> Iterator[Model]:
    """A model that answers as told, for as long as it is needed."""
    with answering(_Handler) as server:
        server.answer = answer  # type: ignore[attr-defined]
        yield Model(server, server.asked)  # type: ignore[attr-defined]
