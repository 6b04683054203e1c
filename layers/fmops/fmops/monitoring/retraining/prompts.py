"""A seeded sample of the different prompts of a stream, masked: rules without I/O, in bounded memory."""

from collections import Counter
from heapq import heappush, heapreplace
from typing import NamedTuple

from fmops.monitoring.retraining.models import Prompt
from fmops.text.normal import fingerprint, tokens
from fmops.text.pii import find, mask

LONGEST = 50_000
"""A longer prompt is left out: cut, it would be another one."""
_HASHES = 2.0**64


class Chosen(NamedTuple):
    """The sample, and what it is of."""

    prompts: list[Prompt]
    different: int
    """How many different prompts there were; an estimate where more than were kept."""
    masked: dict[str, int]
    too_long: int


class _Kept:
    """A prompt of the sample."""

    __slots__ = ("asked", "masked", "text")

    def __init__(self, text: str, masked: Counter[str]) -> None:
        self.text, self.masked, self.asked = text, masked, 1


class Sampler:
    """Keeps the `size` different prompts that come first in a random order.

    The order is a hash of seed and words, so the sample is the same whatever the order of the stream, and each
    different prompt is as likely to be in it. One that is in it at the end was so whenever it was met: how often it
    was asked is counted exactly. Prompts are the same where their words are, once masked.
    """

    def __init__(self, size: int, seed: str) -> None:
        self._size, self._seed, self._too_long = size, seed, 0
        self._kept: dict[int, _Kept] = {}
        self._heap: list[int] = []
        """The orders of what is kept, negative: the last in the order stands first."""

    def add(self, prompt: str) -> None:
        """Look at a prompt. One without a word is passed over."""
        if len(prompt) > LONGEST:
            self._too_long += 1
            return
        text = mask(prompt).strip()
        words = tokens(text)
        if not words:
            return
        order = fingerprint([self._seed, *words])
        known = self._kept.get(order)
        if known is not None:
            known.asked += 1
        elif len(self._kept) < self._size:
            heappush(self._heap, -order)
            self._keep(order, prompt, text)
        elif order < -self._heap[0]:
            del self._kept[-heapreplace(self._heap, -order)]
            self._keep(order, prompt, text)

    def _keep(self, order: int, prompt: str, text: str) -> None:
        self._kept[order] = _Kept(text, Counter(place.kind.value for place in find(prompt)))

    @property
    def chosen(self) -> Chosen:
        kept = sorted(self._kept.items())
        prompts = [Prompt(id=f"drift-{order:016x}", input=one.text, asked=one.asked) for order, one in kept]
        masked = sum((one.masked for _, one in kept), Counter[str]())
        return Chosen(prompts, self._different(), dict(sorted(masked.items())), self._too_long)

    def _different(self) -> int:
        """By the k-th smallest of n hashes, which lies at about k/n of all: (k - 1) / it (Beyer et al. 2007)."""
        if len(self._kept) < self._size:
            return len(self._kept)
        return max(self._size, round((self._size - 1) * _HASHES / -self._heap[0]))


def unrendered(prompt: str, template: str) -> str:
    """What stood for {input}, where a captured prompt was made with this template; else the prompt itself."""
    before, place, behind = template.partition("{input}")
    if not place or "{input}" in behind or not (prompt.startswith(before) and prompt.endswith(behind)):
        return prompt
    return prompt[len(before) : len(prompt) - len(behind)]
