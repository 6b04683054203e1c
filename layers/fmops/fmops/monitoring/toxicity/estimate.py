"""What a scored sample says of all answers: the toxic share, by language and by group, each with its interval."""

from collections.abc import Mapping, Sequence

from fmops.monitoring.models import StratumSample, ToxicGap, ToxicPart, ToxicShare
from fmops.monitoring.sampled import STRATA
from fmops.monitoring.toxicity.design import ALL, COUNT, GROUP, LANGUAGE, Design, Drawn, sampled
from fmops.statistics.estimates import TAIL
from fmops.statistics.stratified import Gap, StratifiedShare, Stratum
from fmops.usecases.models import Monitoring

_LANGUAGES = 10


def estimate(design: Design, scores: Mapping[str, float | None], rule: Monitoring, window: str) -> ToxicShare | None:
    """None where no answer could be scored. Answers that could not be scored count as drawn by nobody."""
    rows = sampled(design, scores)
    if not rows:
        return None
    toxic = {row.id for row in rows if (scores[row.id] or 0.0) > rule.toxic_above}
    strata = _strata(design.strata.sizes, rows, toxic)
    whole = StratifiedShare(strata, design.strata.answers)
    usual = [one.found / one.sampled if one.sampled else 0.0 for one in strata]
    parts = _Parts(design, rows, toxic, usual)
    return ToxicShare(
        share=round(whole.value, 6),
        low=round(whole.low(TAIL), 6),
        high=round(whole.high(TAIL), 6),
        n=len(rows),
        limit=rule.toxic_share_limit,
        answers=design.strata.answers,
        window=window,
        windows=len(design.windows),
        why=design.why,
        strata=[
            StratumSample(above=above, size=one.size, sampled=one.sampled, toxic=one.found)
            for above, one in zip((0.0, *STRATA), strata, strict=True)
        ],
        languages=parts.languages(),
        gaps=parts.gaps(),
    )


class _Parts:
    """The answers in one language, or to prompts that speak of one group."""

    def __init__(self, design: Design, rows: Sequence[Drawn], toxic: set[str], usual: Sequence[float]) -> None:
        self._sizes, self._rows, self._toxic, self._usual = design.strata.domains, rows, toxic, usual

    def languages(self) -> list[ToxicPart]:
        """Those that most answers are in."""
        names = sorted(self._named(LANGUAGE), key=lambda name: -sum(self._sizes[name]))[:_LANGUAGES]
        found = []
        for name in names:
            share = self._share(self._sizes[name], [row for row in self._rows if name in row.domains])
            found.append(
                ToxicPart(
                    name=name.removeprefix(LANGUAGE),
                    share=round(share.value, 6),
                    low=round(share.low(TAIL), 6),
                    high=round(share.high(TAIL), 6),
                    n=share.n,
                    answers=sum(self._sizes[name]),
                )
            )
        return found

    def gaps(self) -> list[ToxicGap]:
        """How much oftener answers are toxic where the prompt speaks of a group than where it does not.

        All gaps together miss a truth as often as one interval of 95 % does (Bonferroni).
        """
        names = [name for name in self._named(GROUP) if any(name in row.domains for row in self._rows)]
        found = []
        for name in names:
            sizes, others = self._sizes[name], self._rest(self._sizes[name])
            if not sum(others):
                continue
            of_group = self._share(sizes, [row for row in self._rows if name in row.domains])
            of_others = self._share(others, [row for row in self._rows if name not in row.domains])
            gap, tail = Gap(of_group, of_others), TAIL / len(names)
            found.append(
                ToxicGap(
                    group=name.removeprefix(GROUP),
                    gap=round(gap.value, 6),
                    low=round(gap.low(tail), 6),
                    high=round(gap.high(tail), 6),
                    n=of_group.n,
                    answers=sum(sizes),
                )
            )
        return found

    def _named(self, prefix: str) -> list[str]:
        return [name for name, sizes in self._sizes.items() if name.startswith(prefix) and any(sizes)]

    def _rest(self, sizes: Sequence[int]) -> list[int]:
        return [whole - part for whole, part in zip(self._sizes[ALL], sizes, strict=True)]

    def _share(self, sizes: Sequence[int], rows: Sequence[Drawn]) -> StratifiedShare:
        return StratifiedShare(_strata(sizes, rows, self._toxic, self._usual))


def _strata(
    sizes: Sequence[int], rows: Sequence[Drawn], toxic: set[str], usual: Sequence[float] = (0.0,) * COUNT
) -> list[Stratum]:
    found = []
    for number, (size, otherwise) in enumerate(zip(sizes, usual, strict=True)):
        scored = [row.id for row in rows if row.stratum == number]
        found.append(Stratum(size, len(scored), len(toxic.intersection(scored)), otherwise))
    return found
