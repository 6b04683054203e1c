"""Registered rows in the form that each trainer reads. The model learns exactly the prompt that it is asked later."""

from collections.abc import Iterable, Iterator
from typing import Any

from fmops.datasets.models import Row

TARGET_DELIMITER = "<OR>"
"""Between the answers of a target that has several right ones; the first is learned."""
_INPUT = "{input}"


def prompt_completion(rows: Iterable[Row], prompt_template: str) -> Iterator[dict[str, str]]:
    """For our own container: `train.jsonl`."""
    for row, answer in _taught(rows):
        yield {"prompt": prompt_template.replace(_INPUT, row.question), "completion": answer}


def chat(rows: Iterable[Row], prompt_template: str, system: str | None = None) -> Iterator[dict[str, Any]]:
    """Conversations of one turn, for trainers that apply the model's chat template themselves."""
    first = [{"role": "system", "content": system}] if system else []
    for row, answer in _taught(rows):
        prompt = prompt_template.replace(_INPUT, row.question)
        yield {
            "messages": [*first, {"role": "user", "content": prompt}, {"role": "assistant", "content": answer}],
        }


def jumpstart_instructions(rows: Iterable[Row]) -> Iterator[dict[str, str]]:
    """For JumpStart's instruction tuning: `train.jsonl`; `jumpstart_template` goes beside it.

    A context brings the blank line below it along, so that rows with and without one share a template.
    """
    for row, answer in _taught(rows):
        context = f"{row.context}\n\n" if row.context else ""
        yield {"instruction": row.input, "context": context, "response": answer}


def jumpstart_template(prompt_template: str) -> dict[str, str]:
    """JumpStart's `template.json`: names in braces are members of a row, other braces are doubled."""
    parts = [part.replace("{", "{{").replace("}", "}}") for part in prompt_template.split(_INPUT)]
    return {"prompt": "{context}{instruction}".join(parts), "completion": "{response}"}


def _taught(rows: Iterable[Row]) -> Iterator[tuple[Row, str]]:
    """The rows that something can be learned from, with what is to be learned."""
    for row in rows:
        answer = (row.target or "").split(TARGET_DELIMITER)[0].strip()
        if answer:
            yield row, answer
