"""Turns rows into batches of tokens, in an order that depends on seed and epoch alone."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch

from containers.fine_tune.rows import Row

# Batches are cut from so many at once, sorted by length: less padding, and the order is still random.
_WINDOW = 8
IGNORED = -100


class Example(NamedTuple):
    """A row as tokens; the loss counts from `start` on."""

    tokens: list[int]
    start: int


class Batch(NamedTuple):
    """Tokens padded on the left, so that every completion ends in the last column; each (rows, columns)."""

    tokens: torch.Tensor
    mask: torch.Tensor
    positions: torch.Tensor
    # (rows, kept): what the last `kept` columns are to predict, or IGNORED.
    labels: torch.Tensor


def encode(row: Row, tokenizer: Any, max_length: int) -> Example:
    """The row as tokens, its end marked. A long prompt loses its beginning, a completion that fills all is cut."""
    completion = tokenizer(row.completion, add_special_tokens=False)["input_ids"]
    completion = [*completion, tokenizer.eos_token_id][: max_length - 1]
    prompt = tokenizer(row.prompt)["input_ids"][-(max_length - len(completion)) :]
    return Example([*prompt, *completion], len(prompt))


def steps_in(rows: int, batch_size: int, epochs: int, max_steps: int | None) -> int:
    """How many steps a training takes."""
    whole = -(-rows // batch_size) * epochs
    return whole if max_steps is None else min(whole, max_steps)


def batches(examples: Sequence[Example], batch_size: int, seed: int, first_step: int) -> Iterator[list[Example]]:
    """Batch after batch, epoch after epoch, without end, from `first_step` (0 is the first) on."""
    per_epoch = -(-len(examples) // batch_size)
    epoch, skip = divmod(first_step, per_epoch)
    while True:
        yield from _epoch(examples, batch_size, random.Random(f"{seed}-{epoch}"))[skip:]  # noqa: S311 - not for secrets
        epoch, skip = epoch + 1, 0


def collate(examples: Sequence[Example], pad: int) -> Batch:
    """The examples as one batch."""
    width = max(len(example.tokens) for example in examples)
    # One more than the longest completion: the token before it predicts its first.
    kept = max(len(example.tokens) - example.start for example in examples) + 1
    tokens, mask, labels = [], [], []
    for example in examples:
        missing = width - len(example.tokens)
        tokens.append([pad] * missing + example.tokens)
        mask.append([0] * missing + [1] * len(example.tokens))
        wanted = [IGNORED] * (missing + example.start) + example.tokens[example.start :]
        # Column i predicts column i + 1; the last predicts nothing.
        labels.append([*wanted[1:], IGNORED][-kept:])
    seen = torch.tensor(mask)
    return Batch(torch.tensor(tokens), seen, (seen.cumsum(1) - 1).clamp(min=0), torch.tensor(labels))


def _epoch(examples: Sequence[Example], batch_size: int, generator: random.Random) -> list[list[Example]]:
    order = list(range(len(examples)))
    generator.shuffle(order)
    size = batch_size * _WINDOW
    made = []
    for begin in range(0, len(order), size):
        window = sorted(order[begin : begin + size], key=lambda index: len(examples[index].tokens))
        made += [window[cut : cut + batch_size] for cut in range(0, len(window), batch_size)]
    generator.shuffle(made)
    return [[examples[index] for index in batch] for batch in made]
