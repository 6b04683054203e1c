"""Adds exchanges to a profile, a batch at a time: every array operation looks at some hundred records at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fmops.monitoring.profile import domains, memory
from fmops.monitoring.profile.batches import LONGEST, Batch
from fmops.monitoring.profile.features import BUCKETS, FEATURES, GROUPS, Side
from fmops.monitoring.profile.model import MOST_TENANTS, Profile, Usage, bounded, empty
from fmops.monitoring.profile.sample import Looks, Sample, nothing_seen
from fmops.monitoring.profile.sides import Words, lexical, pii, repetition
from fmops.monitoring.reading.records import Record
from fmops.monitoring.sampled import UNSCORED
from fmops.statistics import repeats, sketches
from fmops.text import markers, people
from fmops.text.lexicon import Lexicon, fourier
from fmops.text.scan import Hashes, Places, mixed, scan

_DEALT = np.uint64(GROUPS)
_LISTED = np.uint64(8)
"""The frequent words are those of one record in eight: they explain a drift, they don't measure it."""
_BATCHES = 32


class Observer:
    """Makes one profile, and a sample of what it is of."""

    def __init__(self, *, rate: float = 1.0, lexicon: Lexicon | None = None, sample: int = 0) -> None:
        """Without a lexicon the costly features are left out: then the profile's rate is 0."""
        if lexicon:
            # The cheap features leave no such holes, and would pay a third more for it.
            memory.return_large()
        self._lexicon = lexicon
        self._made = empty(rate if lexicon else 0.0)
        self._words: dict[Side, list[Hashes]] = {"prompt": [], "answer": []}
        self._repeats = repeats.Watch()
        self.sample = Sample(sample)

    @property
    def profile(self) -> Profile:
        """What was added so far."""
        for side in self._words:
            self._list(side)
        self._made.tenants = bounded(self._made.tenants)
        self._made.events = self._repeats.found
        return self._made

    def add(self, batch: Batch) -> None:
        """Add these records."""
        self._repeats.add(batch.seen)
        counters = self._made.counters
        counters["duplicates"] += len(batch.seen) - len(batch.records)
        if not batch.records:
            return
        groups = (batch.hashes % _DEALT).view(np.int64)
        counters["records"] += len(batch.records)
        prompts = self._side(batch, groups, "prompt")
        answers = self._side(batch, groups, "answer")
        counters["one_sided"] += 2 * len(batch.records) - len(prompts.records) - len(answers.records)
        self._prompts(prompts, groups)
        looks = self._answers(batch, answers, groups)
        self._usage(batch, prompts, answers)
        self.sample.add(batch, looks)

    def _side(self, batch: Batch, groups: Places, side: Side) -> Words:
        """What of the records has this side, and its counts that both sides have."""
        texts = [record.prompt if side == "prompt" else record.answer for record in batch.records]
        records = np.array([place for place, text in enumerate(texts) if text is not None], np.intp)
        given = [text if len(text) <= LONGEST else text[:LONGEST] for text in texts if text is not None]
        found = lexical(given, records)
        seen, group = found.scan, groups[records]
        text_of = seen.text_of
        self._count(f"{side}_words", group, seen.words)
        some = np.flatnonzero(seen.words)
        readable = _flesch(seen.words[some], seen.sentences[some], seen.syllables[some])
        self._count(f"{side}_readability", group[some], readable)
        places = group[text_of] * BUCKETS + (seen.hashes & np.uint64(BUCKETS - 1)).view(np.int64)
        counts = np.bincount(places, minlength=GROUPS * BUCKETS).reshape(GROUPS, BUCKETS)
        self._made.arrays[f"{side}_vocabulary"] += counts
        listed = (batch.hashes[records] // _DEALT) % _LISTED == 0
        self._words[side].append(seen.hashes[listed[text_of]])
        if len(self._words[side]) >= _BATCHES:
            self._list(side)
        holding, kinds = pii(found)
        self._share(f"{side}_pii", group, holding)
        for kind in kinds:
            self._made.counters[f"pii_{kind}"] += 1
        return found

    def _list(self, side: Side) -> None:
        """Add the frequent words of some batches at once: finding equal ones costs most."""
        if self._words[side]:
            words, times = np.unique(np.concatenate(self._words[side]), return_counts=True)
            self._made.arrays[f"{side}_hitters"] += sketches.hitters(words, times)
            self._words[side] = []

    def _prompts(self, found: Words, groups: Places) -> None:
        group = groups[found.records]
        self._share("injections", group, markers.injections(found.marked, found.texts))
        _largest(self._made, "distinct_prompts", found.scan.of_texts())

    def _answers(self, batch: Batch, found: Words, groups: Places) -> Looks | None:
        """Count what answers alone have, and the costly features of both."""
        group = groups[found.records]
        errors = _those(batch.records, found.records, "error")
        self._share("errors", group, errors)
        self._share("interventions", group, _those(batch.records, found.records, "intervened"))
        fine = np.ones(len(found.texts), np.bool_)
        fine[errors] = False
        self._share("empty_answers", group[fine], np.flatnonzero(found.scan.words[fine] == 0))
        self._share("refusals", group, markers.refusals(found.scan, found.marked, found.texts))
        enough = found.scan.words >= _TRIGRAM
        self._count("answer_repetition", group[enough], repetition(found.scan)[enough])
        return self._costly(batch, groups)

    def _costly(self, batch: Batch, groups: Places) -> Looks | None:
        if self._lexicon is None:
            return None
        # By a part of the hash that neither groups nor samples depend on.
        drawn = mixed(batch.hashes) < np.uint64(min(self._made.rate * 2.0**64, 2.0**64 - 2048))
        if self._made.rate >= 1:
            drawn[:] = True
        self._made.counters["sampled"] += int(np.count_nonzero(drawn))
        looks = nothing_seen(len(batch.records))
        for side in ("prompt", "answer"):
            texts = [getattr(record, side) for record in batch.records]
            records = np.array([p for p, text in enumerate(texts) if text is not None and drawn[p]], np.intp)
            given = [texts[place][:LONGEST] for place in records.tolist()]
            seen = scan(given)
            spoken = markers.languages(seen, markers.mark(seen), given)
            known, group = self._lexicon.look(seen), groups[records]
            feature = FEATURES[f"{side}_language"]
            counts = np.bincount(group * feature.bins + spoken, minlength=GROUPS * feature.bins)
            self._made.arrays[feature.name] += counts.reshape(GROUPS, feature.bins)
            some = np.flatnonzero(seen.words)
            vectors = known.means[some]
            features = np.concatenate((np.ones((len(some), 1)), fourier(vectors), vectors), axis=1)
            np.add.at(self._made.arrays[f"{side}_embedding"], group[some], features)
            if side == "prompt":
                looks.groups[records] = people.groups(seen)
            else:
                self._count("answer_toxicity", group[some], known.toxicity[some])
                looks.toxicity[records[some]] = known.toxicity[some]
                looks.languages[records] = spoken
        scored = np.flatnonzero(looks.strata < UNSCORED)
        self._made.arrays["answer_domains"] += domains.count(
            looks.strata[scored], looks.languages[scored], looks.groups[scored]
        )
        return looks

    def _usage(self, batch: Batch, prompts: Words, answers: Words) -> None:
        """Tokens by tenant: as the model counted them, else as we estimate them."""
        asked = np.zeros(len(batch.records), np.int64)
        said = asked.copy()
        asked[prompts.records], said[answers.records] = prompts.tokens, answers.tokens
        counters = self._made.counters
        for place, record in enumerate(batch.records):
            if record.prompt_tokens >= 0:
                asked[place] = record.prompt_tokens
            if record.answer_tokens >= 0:
                said[place] = record.answer_tokens
            else:
                counters["estimated_tokens"] += 1
        counters["prompt_tokens"] += int(asked.sum())
        counters["answer_tokens"] += int(said.sum())
        tenants = self._made.tenants
        for place, record in enumerate(batch.records):
            if record.tenant:
                before = tenants.get(record.tenant, _NOTHING)
                tenants[record.tenant] = Usage(
                    before.records + 1,
                    before.prompt_tokens + int(asked[place]),
                    before.answer_tokens + int(said[place]),
                )
        if len(tenants) > 2 * MOST_TENANTS:
            self._made.tenants = bounded(tenants)

    def _count(self, name: str, groups: Places, values: NDArray[Any]) -> None:
        feature = FEATURES[name]
        bins = np.searchsorted(feature.edges, values, side="right")
        counts = np.bincount(groups * feature.bins + bins, minlength=GROUPS * feature.bins)
        self._made.arrays[name] += counts.reshape(GROUPS, feature.bins)

    def _share(self, name: str, groups: Places, those: Places) -> None:
        """Count records without and with."""
        array = self._made.arrays[name]
        found = np.bincount(groups[those], minlength=GROUPS)
        array[:, 1] += found
        array[:, 0] += np.bincount(groups, minlength=GROUPS) - found


_TRIGRAM = 3
_NOTHING = Usage(0, 0, 0)


def _largest(profile: Profile, name: str, hashes: NDArray[np.uint64]) -> None:
    array = profile.arrays[name]
    np.maximum(array, sketches.registers(hashes), out=array)


def _those(records: Sequence[Record], places: Places, name: str) -> Places:
    return np.array([n for n, place in enumerate(places.tolist()) if getattr(records[place], name)], np.intp)


def _flesch(words: Places, sentences: Places, syllables: Places) -> NDArray[np.float64]:
    """Reading ease: about 100 for easy English, 0 for hard (Flesch 1948); runs of vowels stand for syllables."""
    ended = np.maximum(sentences, 1)
    return np.asarray(206.835 - 1.015 * words / ended - 84.6 * np.maximum(syllables, 1) / words)
