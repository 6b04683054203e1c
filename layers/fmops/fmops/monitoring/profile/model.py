"""The profile of many exchanges: arrays that merge by addition (or by maximum), the same whatever the sharding."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmops.monitoring.profile.features import DOMAINS, EMBEDDINGS, FEATURES, GROUPS
from fmops.monitoring.toxicity.design import COUNT
from fmops.statistics import repeats, sketches
from fmops.statistics.repeats import NOTHING, Repeats
from fmops.text.weights import DIMENSIONS

VERSION = 4
FOURIER = 256
MOST_TENANTS = 10_000
"""A profile names so many, those that used most; a tenant's use in batches that did not name it counts as others'."""
_MAXIMA = ("distinct_prompts",)
OTHERS = "(others)"

Counts = NDArray[np.int64]


class Usage(NamedTuple):
    """What one tenant used."""

    records: int
    prompt_tokens: int
    answer_tokens: int


class Profile:
    """Counts, sums and sketches. Made by `empty` and `Observer`; never changed once it is handed on."""

    def __init__(
        self,
        *,
        rate: float,
        counters: Mapping[str, int],
        arrays: Mapping[str, NDArray[Any]],
        tenants: Mapping[str, Usage],
        events: Repeats = NOTHING,
    ) -> None:
        self.rate = rate
        """On which share of the records the costly features were computed."""
        self.counters = dict(counters)
        self.arrays = dict(arrays)
        self.tenants = dict(tenants)
        self.events = events
        """Some of the events, and how often each was seen."""

    @property
    def records(self) -> int:
        return self.counters["records"]

    @property
    def different_records(self) -> int:
        """Of different events: without the copies that lay in other batches. An estimate: `repeats.different`."""
        seen = self.records + self.counters["duplicates"]
        return min(self.records, round(repeats.different(self.events, seen)))

    @property
    def unreadable(self) -> int:
        return self.counters["unreadable"]

    def at(self, rate: float) -> "Profile":
        """The same as if its costly features had this rate."""
        return Profile(rate=rate, counters=self.counters, arrays=self.arrays, tenants=self.tenants, events=self.events)

    def counts(self, feature: str) -> Counts:
        """GROUPS rows of that feature's bins."""
        return self.arrays[feature]

    def sums(self, embedding: str) -> NDArray[np.float64]:
        """GROUPS rows: how many texts, the sum of their Fourier features, the sum of their vectors."""
        return self.arrays[embedding]

    @property
    def distinct_prompts(self) -> float:
        return sketches.distinct(self.arrays["distinct_prompts"])

    def __eq__(self, other: object) -> bool:
        """Integers exactly, sums of floats but for the order in which they were added."""
        if not isinstance(other, Profile):
            return NotImplemented
        return (
            (self.rate, self.counters, self.tenants, self.arrays.keys())
            == (other.rate, other.counters, other.tenants, other.arrays.keys())
            and all(np.allclose(self.arrays[name], other.arrays[name], 1e-6, 1e-6) for name in self.arrays)
            and all(map(np.array_equal, self.events, other.events))
        )

    __hash__ = None  # type: ignore[assignment]


COUNTERS = (
    "objects",
    "records",
    "unreadable",
    "duplicates",
    "ours",
    "one_sided",
    "sampled",
    "prompt_tokens",
    "answer_tokens",
    "estimated_tokens",
    "pii_email",
    "pii_phone",
    "pii_card",
    "pii_ssn",
    "pii_iban",
)
"""`ours`: golden prompts of a release. `sampled`: records with costly features. `estimated_tokens`: records whose
tokens nobody counted. `pii_…`: places of that kind, in prompts and answers."""


def empty(rate: float = 1.0) -> Profile:
    """The profile of nothing."""
    arrays: dict[str, NDArray[Any]] = {
        name: np.zeros((GROUPS, feature.bins), np.int64) for name, feature in FEATURES.items()
    }
    arrays |= {name: np.zeros((GROUPS, 1 + FOURIER + DIMENSIONS)) for name in EMBEDDINGS}
    arrays["answer_domains"] = np.zeros((len(DOMAINS), COUNT), np.int64)
    arrays |= {name: sketches.no_registers() for name in _MAXIMA}
    arrays |= {name: sketches.no_hitters() for name in ("prompt_hitters", "answer_hitters")}
    return Profile(rate=rate, counters=dict.fromkeys(COUNTERS, 0), arrays=arrays, tenants={})


def merge(profiles: Iterable[Profile]) -> Profile:
    """The profile of all that these profiles are of. ValueError where their costly features have other rates."""
    whole: Profile | None = None
    events: list[Repeats] = []
    for part in profiles:
        events.append(part.events)
        if whole is None:
            whole = empty(part.rate)
        if part.rate != whole.rate:
            raise ValueError(f"profiles with rates of {whole.rate} and {part.rate} don't merge")
        for name, count in part.counters.items():
            whole.counters[name] += count
        for name, array in part.arrays.items():
            combine = np.maximum if name in _MAXIMA else np.add
            combine(whole.arrays[name], array, out=whole.arrays[name])
        for tenant, used in part.tenants.items():
            whole.tenants[tenant] = Usage(*map(sum, zip(used, whole.tenants.get(tenant, (0, 0, 0)), strict=True)))
    if whole is None:
        return empty()
    whole.tenants = bounded(whole.tenants)
    whole.events = repeats.together(events)
    return whole


def together(profiles: Sequence[Profile]) -> Profile:
    """The same of profiles whose costly features have any rates; the last one's holds.

    What is compared are shares of what was seen, so they may be added.
    """
    return merge(one.at(profiles[-1].rate) for one in profiles)


def bounded(tenants: dict[str, Usage], most: int = MOST_TENANTS) -> dict[str, Usage]:
    """The tenants that used most; the others together are OTHERS."""
    if len(tenants) <= most + 1:
        return tenants
    named = [tenant for tenant in tenants if tenant != OTHERS]
    named.sort(key=lambda tenant: (-(tenants[tenant].prompt_tokens + tenants[tenant].answer_tokens), tenant))
    rest = [tenants[tenant] for tenant in (*named[most:], OTHERS) if tenant in tenants]
    return {tenant: tenants[tenant] for tenant in named[:most]} | {OTHERS: Usage(*map(sum, zip(*rest, strict=True)))}


def pack(profile: Profile) -> bytes:
    """As it is written down: compressed arrays, and the rest as JSON among them."""
    rest = {
        "version": VERSION,
        "rate": profile.rate,
        "counters": profile.counters,
        "tenants": profile.tenants,
    }
    file = io.BytesIO()
    meta = np.frombuffer(json.dumps(rest).encode(), np.uint8)
    events = {f"events_{name}": array for name, array in profile.events._asdict().items()}
    np.savez_compressed(file, allow_pickle=False, meta=meta, **events, **profile.arrays)
    return file.getvalue()


def unpack(content: bytes) -> Profile:
    """ValueError where it is no profile, or one of another version."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    rest = json.loads(arrays.pop("meta").tobytes())
    if rest["version"] != VERSION:
        raise ValueError(f"a profile of version {rest['version']}; this is version {VERSION}")
    events = Repeats(*(arrays.pop(f"events_{name}") for name in Repeats._fields))
    tenants = {name: Usage(*used) for name, used in rest["tenants"].items()}
    return Profile(rate=rest["rate"], counters=rest["counters"], arrays=arrays, tenants=tenants, events=events)
