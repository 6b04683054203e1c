"""The report of a run of five candidates, with everything that a report may show."""

from typing import Any

from fmops.selection.details import (
    CategoryScore,
    Code,
    Details,
    Example,
    FeatureRow,
    JudgedCandidate,
    JudgeResult,
    PeopleReview,
    ProbesOfKind,
    ReviewComment,
    ReviewedPair,
    Said,
    Span,
    Speed,
)
from fmops.selection.models import (
    Against,
    CandidateResult,
    Check,
    Decision,
    Difference,
    GateCheck,
    Lineage,
    MetricResult,
    MetricRuleUsed,
    Report,
    Verdict,
)

CLASSES = ("science", "history", "geography", "literature", "sport", "music", "film")
QUESTIONS = (
    ("What is the chemical symbol of tungsten?", "W", "W", "Tu"),
    ("Which river flows through Budapest?", "The Danube<OR>Danube", "The Danube", "The river flows through it."),
    ("Who wrote The Master and Margarita?", "Mikhail Bulgakov", "Mikhail Bulgakov", "Leo Tolstoy"),
    ("In which year did the Suez Canal open?", "1869", "1869", "It opened in the year of 1896."),
    ("What is the capital of Burkina Faso?", "Ouagadougou", "Ouagadougou", "Bamako"),
    ("Which planet has the most moons?", "Saturn", "Saturn", "Jupiter has the most moons."),
    ("Who composed The Planets?", "Gustav Holst", "Gustav Holst", "John Williams"),
    ("How many players are in a water polo team?", "7<OR>seven", "Seven", "Eleven"),
    ("Which desert covers most of Botswana?", "The Kalahari", "The Kalahari", "The Sahara"),
    ("What does a hygrometer measure?", "Humidity", "Humidity", None),
)


def report(**changes: Any) -> Report:
    """A promotion over the champion, as the gate would write it."""
    candidates = [
        _candidate("llama-3b-tuned", "fine_tuned", 0.564, 0.412, 0.002, 412, 0.91, 0.84, True),
        _candidate("llama-8b", "base", 0.536, 0.451, 0.003, 905, 1.86, 0.13, True),
        _candidate("champion", "fine_tuned", 0.531, 0.352, 0.002, 398, 0.91, 0.02, False, champion=True),
        _candidate("mistral-7b", "base", 0.449, 0.338, 0.004, 760, 1.52, 0.01, False),
        _candidate("llama-3b", "base", 0.447, 0.247, 0.003, 405, 0.91, 0.0, False),
    ]
    found: dict[str, Any] = {
        "run_id": "run-4f1c9a027be3",
        "use_case": "support-trivia",
        "created_at": "2026-11-24T04:18:09Z",
        "confidence": 0.95,
        "decision": _decision(),
        "rules": {
            "f1": MetricRuleUsed(weight=3, limit=0.3, margin=0.01, higher_is_better=True, dimension="quality"),
            "toxicity": MetricRuleUsed(
                weight=1, limit=0.01, margin=0.005, higher_is_better=False, dimension="toxicity"
            ),
            "latency_p95_ms": MetricRuleUsed(
                weight=1, limit=1000, margin=0.05, higher_is_better=False, dimension="latency"
            ),
        },
        "candidates": [each.model_copy(update={"rank": place}) for place, each in enumerate(candidates, start=1)],
        "differences": {
            "f1": _difference(0.060, 0.031, 0.089),
            "toxicity": _difference(0.0003, -0.0012, 0.0019),
            "latency_p95_ms": _difference(-0.014, -0.021, -0.008),
        },
        "utility_difference": _difference(0.0332, 0.0142, 0.0521),
        "lineage": _lineage([candidate.id for candidate in candidates]),
        "challengers": 4,
        "details": _details(),
        **changes,
    }
    return Report(**found)


def _candidate(
    name: str,
    kind: Any,
    utility: float,
    f1: float,
    toxicity: float,
    latency: float,
    cost: float,
    first: float,
    front: bool,
    *,
    champion: bool = False,
) -> CandidateResult:
    return CandidateResult(
        id=name,
        kind=kind,
        model_id="meta-textgeneration-llama-3-2-3b-instruct" if "llama-3b" in name or champion else f"vendor-{name}",
        model_version="2.1.0",
        is_champion=champion,
        metrics={
            "f1": MetricResult(value=f1, low=f1 - 0.028, high=f1 + 0.029, n=1000, missing=0, method="BCa bootstrap"),
            "toxicity": MetricResult(value=toxicity, low=toxicity / 2, high=toxicity * 2.1, n=1000, missing=0),
            "latency_p95_ms": MetricResult(value=latency, low=latency - 14, high=latency + 21, n=1000, missing=0),
        },
        utility=utility,
        rank=None,
        failures=3 if kind == "base" and latency == 760 else 0,
        comes_first=first,
        dimensions={"quality": f1, "toxicity": 1 - toxicity, "latency": 1 - latency / 1000, "cost": 1 - cost / 4},
        on_front=front,
    )


def _difference(value: float, low: float, high: float) -> Difference:
    return Difference(value=value, low=low, high=high, n=1000, confidence=0.983, detectable=0.041)


def _decision() -> Decision:
    def check(what: Any, metric: str | None, reason: str) -> GateCheck:
        return GateCheck(what=what, metric=metric, check=Check.PASSED, reason=reason)

    ours, champion = "of llama-3b-tuned is", "is better than the champion's by"
    checks = [
        *(
            check("completeness", metric, f"{metric} of {name} has all 1000 rows")
            for name in ("llama-3b-tuned", "champion")
            for metric in ("f1", "toxicity", "latency_p95_ms")
        ),
        check("limit", "f1", f"F1 {ours} 0.412 (0.384 to 0.441): within the limit of at least 0.3"),
        check("limit", "toxicity", f"toxicity {ours} 0.002 (0.001 to 0.004): within the limit of at most 0.01"),
        check("guard", "f1", f"F1 {champion} +0.060 (+0.031 to +0.089): not worse by more than 0.01"),
        check("guard", "toxicity", f"toxicity {champion} 0.000 (-0.001 to +0.002): not worse by more than 0.005"),
        check("guard", "latency_p95_ms", f"latency {champion} -0.014 (-0.021 to -0.008): not worse by more than 0.05"),
        check("improvement", None, "the weighted score is better by +0.033 (+0.014 to +0.052) on 1000 rows"),
    ]
    return Decision(
        verdict=Verdict.PROMOTE,
        sentence="Promote llama-3b-tuned: it is better than the champion and keeps every limit.",
        reasons=[each.reason for each in checks[6:]],
        leader="llama-3b-tuned",
        winner="llama-3b-tuned",
        against=Against.CHAMPION,
        compared_with="champion",
        checks=checks,
    )


def _lineage(names: list[str]) -> Lineage:
    return Lineage(
        dataset="trivia",
        dataset_version="2026-11-24",
        dataset_digest="sha256:" + "3fd1a0b2" * 8,
        test_rows=1000,
        train_rows=8000,
        fingerprints={
            name: {
                "dataset": "sha256:" + "91be77c0" * 8,
                "scorers": "sha256:" + "0c4ad8e1" * 8,
                "prompt_template": "sha256:" + "77aa01fd" * 8,
                "decoding": "sha256:" + "e5120fbb" * 8,
                "artifact": "sha256:" + f"{i}8c2d9e4" * 8,
            }
            for i, name in enumerate(names)
        },
        scorers={
            "qa_accuracy": "fmeval 1.2.3",
            "toxicity": "fmeval 1.2.3 detoxify unbiased-toxic-roberta",
        },
        jobs={name: [f"ab12cd34-score-run-4f1c9a027be3-{name}"] for name in names},
    )


def _details() -> Details:
    spread = (0.11, 0.09, 0.07, 0.05, 0.03, -0.01, -0.05)
    return Details(
        scored_by=["f1", "toxicity"],
        categories=[
            CategoryScore(
                category=name,
                n=190 - 20 * i,
                scores={"llama-3b-tuned": 0.50 + gap, "champion": 0.50},
                difference=Span(value=gap, low=gap - 0.03 - 0.006 * i, high=gap + 0.03 + 0.007 * i),
            )
            for i, (name, gap) in enumerate(zip(CLASSES, spread, strict=True))
        ],
        wins=[_example(i, 1 - 0.04 * i, False) for i in range(10)],
        losses=[_example(i, -0.9 + 0.05 * i, True) for i in range(4)],
        speeds={
            "llama-3b-tuned": _speed(212, 412, 0.91),
            "llama-8b": _speed(455, 905, 1.86),
            "champion": _speed(205, 398, 0.91),
            "mistral-7b": _speed(380, 760, 1.52),
            "llama-3b": _speed(207, 405, 0.91),
        },
        prices_of="2026-11-01",
        features=[
            _features("llama-3b-tuned", "Llama 3.2 community", "128,000", "ml.g5.xlarge", "1.41"),
            _features("llama-8b", "Llama 3.1 community", "128,000", "ml.g5.2xlarge", "1.52"),
            _features("mistral-7b", "Apache 2.0", "32,000", "ml.g5.2xlarge", "1.52"),
            _features(
                "falcon-40b", "", "2,048", "ml.g5.12xlarge", "7.09",
                ["context of 2,048 tokens is less than 8,000", "7.09 US dollars an hour is more than 3"],
            ),
        ],
        code=Code(version="3f1c2ab", library="sha256:" + "5ea1b00c" * 8),
    )  # fmt: skip


def review(**changes: Any) -> PeopleReview:
    """Two reviewers who like the tuned model better, and do not always agree."""
    pair = ReviewedPair(
        candidate="llama-3b-tuned",
        rival="champion",
        sampled=40,
        asked=38,
        judged=38,
        same=2,
        wins=36,
        losses=13,
        both_good=21,
        both_bad=6,
        preference=Span(value=0.3, low=0.08, high=0.5),
    )
    comments = [
        ReviewComment(
            row="test-00037", reviewer=1, candidate=pair.candidate, rival=pair.rival, said="win", left="champion",
            text="B names the river, A only says that there is one.",
        ),
        ReviewComment(
            row="test-00111", reviewer=2, candidate=pair.candidate, rival=pair.rival, said="tie", left="llama-3b-tuned",
            text="Both have the year wrong.",
        ),
    ]  # fmt: skip
    found: dict[str, Any] = {
        "invited": 3,
        "reviewers": 2,
        "voted": 2,
        "sent": 1,
        "votes": 76,
        "alpha": 0.48,
        "share": 0.71,
        "items": 38,
        "pairs": [pair],
        "comments": comments,
        **changes,
    }
    return PeopleReview(**found)


def judge(**changes: Any) -> JudgeResult:
    """A judge that is believed, compares pairs, and likes the tuned model better."""
    tuned = JudgedCandidate(
        candidate="llama-3b-tuned",
        score=Span(value=0.614, low=0.561, high=0.665),
        n=212,
        wins=94,
        ties=73,
        equal=31,
        losses=45,
        failed=3,
        unanswered=1,
    )
    large = JudgedCandidate(
        candidate="llama-8b",
        score=Span(value=0.521, low=0.468, high=0.574),
        n=214,
        wins=71,
        ties=81,
        losses=62,
        failed=2,
    )
    found: dict[str, Any] = {
        "model": "us.anthropic.claude-sonnet-4-20250514-v1:0",
        "method": "pairwise",
        "criteria": "the answer names the right thing, in a few words, and says nothing else.",
        "used": True,
        "min_accuracy": 0.8,
        "accuracy": Span(value=0.933, low=0.861, high=0.975),
        "known_answers": 90,
        "known_failed": 2,
        "kinds": [
            ProbesOfKind(kind="plain", probes=30, right=30, failed=0),
            ProbesOfKind(kind="injected", probes=30, right=28, failed=1),
            ProbesOfKind(kind="long", probes=30, right=26, failed=1),
        ],
        "reference": "champion",
        "rows": 216,
        "candidates": [tuned, large],
        "pairs": 519,
        "agreed": 447,
        "position_bias": Span(value=0.041, low=-0.004, high=0.087),
        "calls": 1038,
        "reused": 120,
        "input_tokens": 311_400,
        "output_tokens": 20_760,
        "usd": 1.2456,
        "fingerprint": "sha256:" + "c0ffee11" * 8,
        "prompt_version": "3",
        "job": "ab12cd34-judge-run-0123456789ab",
        **changes,
    }
    return JudgeResult(**found)


def _example(i: int, gap: float, turned: bool) -> Example:
    question, target, right, wrong = QUESTIONS[i]
    prompt = f"Answer in a few words.\nQuestion: {question}\nAnswer:"
    good, bad = Said(prompt=prompt, answer=right, score=0.99), Said(prompt=prompt, answer=wrong, score=0.99 - abs(gap))
    leader, other = (bad, good) if turned else (good, bad)
    return Example(row=f"test-{i * 37:05}", category=CLASSES[i % 7], target=target, gap=gap, leader=leader, other=other)


def _speed(p50: float, p95: float, usd: float) -> Speed:
    return Speed(
        answers=1000,
        latency_p50_ms=p50,
        latency_p95_ms=p95,
        input_tokens=61,
        output_tokens=9,
        concurrency=16,
        usd_per_1000=usd,
    )


def _features(
    name: str, licence: str, context: str, instance: str, usd: str, reasons: list[str] | None = None
) -> FeatureRow:
    given = {"Licence": licence, "Context": context, "Languages": "English", "Gated": "no", "Instance type": instance}
    return FeatureRow(name=name, kept=not reasons, reasons=reasons or [], features={**given, "USD an hour": usd})
