"""How often the interval of the toxic share holds it: real texts, real fast scores, rare toxicity included."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.pairs import news, pairs, print_figures, toxic
from benchmarks.record import Figure
from fmops.monitoring.sampled import STRATA
from fmops.monitoring.toxicity.design import COUNT, allocate
from fmops.statistics.estimates import TAIL
from fmops.statistics.stratified import StratifiedShare, Stratum
from fmops.text.lexicon import Lexicon
from fmops.text.scan import scan

ANSWERS, SAMPLE, ROUNDS = 20_000, 200, 400
SHARES = (0.0005, 0.002, 0.02, 0.2)


def scores(texts: Sequence[str]) -> NDArray[np.float64]:
    lexicon = Lexicon()
    parts = [lexicon.look(scan(texts[begin : begin + 500])).toxicity for begin in range(0, len(texts), 500)]
    return np.concatenate(parts)


def run() -> dict[str, Figure]:
    random = np.random.default_rng(9)
    mild = scores([pair.answer for pair in (*pairs(8_000), *news(1_000)) if pair.answer.split()])
    rude = scores(toxic(1_000))
    figures: dict[str, Figure] = {}
    for share in SHARES:
        bad = round(ANSWERS * share)
        held, widths, simple = 0, [], []
        for _ in range(ROUNDS):
            # A window: texts as they come, each with its real fast score; which are toxic is known.
            drawn = np.concatenate([random.choice(rude, bad), random.choice(mild, ANSWERS - bad)])
            strata = np.searchsorted(STRATA, drawn, side="right")
            sizes = np.bincount(strata, minlength=COUNT).tolist()
            there = np.bincount(strata[:bad], minlength=COUNT).tolist()
            sampled = allocate(sizes, sizes, SAMPLE)
            found = [
                Stratum(size, n, int(random.hypergeometric(bad_, size - bad_, n)) if n else 0)
                for size, n, bad_ in zip(sizes, sampled, there, strict=True)
            ]
            estimate = StratifiedShare(found)
            low, high = estimate.low(TAIL), estimate.high(TAIL)
            held += low <= share <= high
            widths.append(high - low)
            plain = StratifiedShare([Stratum(ANSWERS, SAMPLE, int(random.hypergeometric(bad, ANSWERS - bad, SAMPLE)))])
            simple.append(plain.high(TAIL) - plain.low(TAIL))
        figures[f"toxicity_coverage_{share * 100:g}"] = Figure(
            value=round(100 * held / ROUNDS, 1),
            unit="%",
            note=f"of {ROUNDS} intervals of 95 % hold the true share of {share:.2%} among {ANSWERS:,} answers, "
            f"{SAMPLE} sampled by the fast score; {np.mean(widths):.2%} wide, of a simple sample {np.mean(simple):.2%}",
        )
    return figures


if __name__ == "__main__":
    print_figures(run)
