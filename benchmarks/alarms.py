"""How often monitoring alarms without any drift, and how soon with one: simulated on real text, hour by hour."""

import json
import random
import sys
from collections import Counter
from collections.abc import Sequence

from benchmarks.pairs import NoData, Pair, news, pairs
from benchmarks.record import Figure
from fmops.monitoring.baseline import profile
from fmops.monitoring.judge import Circumstances, judge
from fmops.monitoring.models import Finding, ToxicShare
from fmops.monitoring.profile.model import Profile, merge
from fmops.monitoring.reading.records import Record
from fmops.text.lexicon import Lexicon
from fmops.usecases.models import Monitoring

POOL, CHUNK = 15_000, 25
SIZES = (100, 400)
"""Records of a window; the baseline has 200."""
BASELINES, HOURS = 18, 120
"""For each size 2,160 windows, 90 days, in spans with a baseline of their own."""
DRIFTED = 0.3
"""A material drift: so much of the traffic is another task's."""
_CLEAN = ToxicShare(share=0, low=0, high=0.01, n=200, limit=0.02)
_RULE = Monitoring()


def chunks(texts: Sequence[Pair], name: str, lexicon: Lexicon) -> list[Profile]:
    """Profiles of CHUNK records each: windows are put together from them."""
    rows = [Record(f"{name}-{number}", *pair) for number, pair in enumerate(texts)]
    return [profile(rows[begin : begin + CHUNK], lexicon) for begin in range(0, len(rows) - CHUNK + 1, CHUNK)]


class Watch:
    """Judges window after window."""

    def __init__(self, baseline: Profile) -> None:
        self._baseline = baseline
        self._before: dict[str, Finding] = {}
        self._hour = 0
        self.sure: Counter[str] = Counter()

    def judge(self, parts: Sequence[Profile]) -> str:
        self._hour += 1
        known = Circumstances(window=f"{self._hour:06}", before=self._before)
        found = judge(merge(parts), self._baseline, _CLEAN, _RULE, known)
        self._before = found.drift
        self.sure.update(name for name, one in found.drift.items() if one.sure)
        return found.verdict


def calm(pool: list[Profile], size: int, draw: random.Random) -> tuple[Counter[str], Counter[str]]:
    """The verdicts of 90 days without drift, and which features warned."""
    verdicts, sure = Counter[str](), Counter[str]()
    for _ in range(BASELINES):
        mixed = draw.sample(pool, len(pool))
        watch, rest = Watch(merge(mixed[:8])), mixed[8:]
        verdicts.update(watch.judge(draw.sample(rest, size // CHUNK)) for _ in range(HOURS))
        sure += watch.sure
    return verdicts, sure


def delays(pool: list[Profile], other: list[Profile], size: int, draw: random.Random, times: int = 60) -> list[int]:
    """After how many windows a drift of DRIFTED of the traffic alarms; 9 where it does not within 8."""
    found = []
    for _ in range(times):
        mixed = draw.sample(pool, len(pool))
        watch, rest = Watch(merge(mixed[:8])), mixed[8:]
        drifted = round(size * DRIFTED / CHUNK)
        for hour in range(1, 9):
            parts = draw.sample(rest, size // CHUNK - drifted) + draw.sample(other, drifted)
            if watch.judge(parts) == "ALARM":
                found.append(hour)
                break
        else:
            found.append(9)
    return found


def run() -> dict[str, Figure]:
    lexicon, draw = Lexicon(), random.Random(5)  # noqa: S311
    texts = list(pairs(POOL))
    draw.shuffle(texts)
    pool, other = chunks(texts, "calm", lexicon), chunks(news(1_000), "news", lexicon)
    figures: dict[str, Figure] = {}
    for size in SIZES:
        verdicts, sure = calm(pool, size, draw)
        late = delays(pool, other, size, draw)
        print(size, dict(verdicts), dict(sure), Counter(late), file=sys.stderr)
        windows = f"windows of {size} records"
        figures[f"false_alarms_90d_{size}"] = Figure(
            value=verdicts["ALARM"],
            unit="alarms",
            note=f"2,160 {windows} without drift, {verdicts['WARNING']} warnings",
        )
        figures[f"detection_windows_{size}"] = Figure(
            value=sorted(late)[int(len(late) * 0.95)],
            unit="windows",
            note=f"until the alarm in 95 % of 60 runs, {windows}, {DRIFTED:.0%} of the traffic another task's",
        )
    return figures


if __name__ == "__main__":
    try:
        print(json.dumps(run()))
    except NoData as error:
        sys.exit(str(error))
