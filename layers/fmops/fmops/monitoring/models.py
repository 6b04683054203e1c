"""What is watched (a target), when (a window), what was seen (a profile), and what was judged."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from pydantic import Field

from fmops.core import clock
from fmops.core.artifacts import Location
from fmops.core.models import Ours, Theirs
from fmops.monitoring.feedback.models import Feedback
from fmops.monitoring.quality.models import Quality

Verdict = Literal["OK", "WARNING", "ALARM", "INSUFFICIENT_DATA"]
Condition = Literal["drift", "toxicity", "latency", "feedback", "quality"]


class Target(Theirs):
    """A champion that serves from an endpoint or by a route, as far as the monitor needs to know it."""

    use_case: str
    run_id: str
    release_id: str
    endpoint: str
    """Empty for a route."""
    model_id: str = ""
    """Of a route: the model of Bedrock that it names."""
    released_at: str
    candidate: str = ""
    capture_uri: str
    answers_uri: str
    scores_uri: str

    @property
    def variant(self) -> str:
        """The capture lies below endpoint and variant."""
        return self.capture_uri.rstrip("/").rpartition("/")[2]


class Window(Ours):
    """A span of hours, in UTC, on the hour."""

    start: datetime
    hours: int = Field(ge=1)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(hours=self.hours)

    @property
    def name(self) -> str:
        """`2026-11-24T05:00Z`, with the hours behind where they are several."""
        return f"{self.start:%Y-%m-%dT%H:%MZ}" + (f"+{self.hours}h" if self.hours > 1 else "")

    @property
    def prefixes(self) -> list[str]:
        """Where the window's hours lie below a target's capture."""
        return [f"{self.start + timedelta(hours=hour):%Y/%m/%d/%H}/" for hour in range(self.hours)]


class WindowTask(Ours):
    """The monitoring journey's input, and what each of its steps is given."""

    run_id: str
    use_case: str
    window_start: str
    window_hours: int
    execution_arn: str = ""
    task_token: str = Field(default="", repr=False)

    @property
    def window(self) -> Window:
        return Window(start=clock.parse(self.window_start), hours=self.window_hours)


class WatchPlaces(NamedTuple):
    """Where a window's files lie in the artifacts bucket."""

    bucket: str
    use_case: str
    window: str

    @property
    def root(self) -> Location:
        return Location(self.bucket, f"monitoring/{self.use_case}/{self.window.replace(':', '')}")

    @property
    def config(self) -> Location:
        return self.root.child("toxicity/config/")

    @property
    def job(self) -> Location:
        return self.root.child("toxicity/config/job.json")

    @property
    def sample(self) -> Location:
        return self.root.child("toxicity/dataset/sample.jsonl")

    @property
    def design(self) -> Location:
        """Which answers were sampled, and of how many: `toxicity.design.Design`."""
        return self.root.child("toxicity/design.json")

    @property
    def plan(self) -> Location:
        """Which objects the window has: a JSON array."""
        return self.root.child("plan.json")

    @property
    def profiles(self) -> Location:
        """Where each batch's profile and sample lie."""
        return self.root.child("profiles/")

    @property
    def results(self) -> Location:
        return self.root.child("toxicity/results/")

    @property
    def progress(self) -> Location:
        return self.root.child("toxicity/progress/")

    @property
    def profile(self) -> Location:
        """The whole window's profile."""
        return self.root.child("profile.npz")

    @property
    def sampled(self) -> Location:
        """The whole window's stratified sample: rows of `profile.sample.Sampled`."""
        return self.root.child("sample.jsonl")

    @property
    def strata(self) -> Location:
        """How many answers the window has by their fast scores: `toxicity.design.Strata`."""
        return self.root.child("strata.json")

    @property
    def explanation(self) -> Location:
        """Which words and records explain what moved."""
        return self.root.child("explanation.json")

    @property
    def quarantine(self) -> Location:
        """Some of the lines that could not be read, as they are."""
        return Location(self.bucket, f"monitoring/{self.use_case}/quarantine/{self.window.replace(':', '')}/")


class CapturedObject(Ours):
    """One capture file or log, pinned."""

    bucket: str
    key: str
    version: str | None = None
    """None in a bucket without versions: then the ETag tells whether it is still the same."""
    size: int
    etag: str


class BatchProfile(Ours):
    """What a child answers: places and counts, never data."""

    profile_uri: str
    sample_uri: str
    objects: int
    records: int
    unreadable: int


class Finding(Ours):
    """The drift of one feature."""

    size: float
    """In `unit`, less what chance brings on average."""
    low: float
    high: float
    """The interval of 95 %."""
    limit: float
    """A smaller drift is no news, however sure."""
    chance: float = 0.0
    """A size that chance alone exceeds no oftener than the alarms' budget lets it."""
    unit: Literal["bits", "share", "mmd"] = "bits"
    """Jensen-Shannon divergence, a difference of shares, or the squared maximum mean discrepancy."""
    direction: Literal["up", "down", "other"] = "other"
    window: float | None = None
    """The window's median of a number, its share of a share; None of what has neither."""
    baseline: float | None = None
    n: int = 0
    """On how many records of the window the feature was seen; of a vocabulary, how many words."""
    since: str | None = None
    """The first of the windows in a row in which it is sure."""

    @property
    def sure(self) -> bool:
        """Whether it is more than chance brings, and large enough to matter."""
        return self.size > self.chance and self.size >= self.limit


class Latency(Ours):
    """How long the model took, from CloudWatch, in milliseconds."""

    p50: float
    p95: float
    usual: float | None = None
    """The median of the windows before; None while there are too few."""
    limit: float = 0.5

    @property
    def slow(self) -> bool:
        return self.usual is not None and self.p50 > self.usual * (1 + self.limit)


class Coverage(Ours):
    """How many of the invocations are in the window's records."""

    invocations: float
    sampled: float
    """Which share of them the endpoint captures."""
    records: int
    least: float

    @property
    def share(self) -> float:
        expected = self.invocations * self.sampled
        return min(1.0, self.records / expected) if expected else 1.0

    @property
    def enough(self) -> bool:
        return self.share >= self.least


class TenantUsage(Ours):
    """What one tenant used in a window."""

    tenant: str
    records: int
    prompt_tokens: int
    answer_tokens: int
    cost_usd: float | None = None
    """Of an endpoint: its share of the instances' price, by tokens."""
    rest: bool = False
    """All other tenants, and records of nobody."""


class TenantSpend(Ours):
    """A tenant that comes near its budget of the month, or above it."""

    tenant: str
    month: str
    spent_usd: float
    budget_usd: float
    severity: Literal["WARNING", "ALARM"]


class WindowUsage(Ours):
    """Tokens and their cost."""

    prompt_tokens: int = 0
    answer_tokens: int = 0
    estimated_share: float = 0.0
    """Of how many records we estimated the tokens, for nobody counted them."""
    cost_usd: float | None = None
    tenants: list[TenantUsage] = Field(default_factory=list)
    """Those that used most."""


class StratumSample(Ours):
    """How many answers have at least this fast score, and less than the next stratum's; and what the sample found."""

    above: float
    size: int
    sampled: int
    toxic: int


class ToxicPart(Ours):
    """The toxic share of the answers in one language."""

    name: str
    share: float
    low: float
    high: float
    n: int
    answers: int


class ToxicGap(Ours):
    """How much larger the toxic share is where the prompt speaks of a group, or in a dialect, than elsewhere."""

    group: str
    gap: float
    low: float
    high: float
    n: int
    answers: int


class ToxicShare(Ours):
    """The estimated share of toxic answers, from a sample that is stratified by the fast score."""

    share: float
    low: float
    high: float
    """The interval of 95 %."""
    n: int
    """How many answers were sampled and scored."""
    limit: float
    answers: int = 0
    """Of how many the share is."""
    window: str = ""
    """In which window it was estimated; a later one carries it until the next is due."""
    windows: int = 1
    """Of how many windows the answers are."""
    why: str = ""
    """`toxicity.design.Why`."""
    strata: list[StratumSample] = Field(default_factory=list)
    languages: list[ToxicPart] = Field(default_factory=list)
    gaps: list[ToxicGap] = Field(default_factory=list)


class Judgement(Ours):
    """What is said of a window."""

    verdict: Verdict
    reasons: list[str]
    records: int
    """Of different events."""
    unreadable: int
    copies: int = 0
    """Of events that lay in another batch too: in the counts of features and tokens they are counted again."""
    drift: dict[str, Finding]
    toxicity: ToxicShare | None
    latency: Latency | None = None
    coverage: Coverage | None = None
    feedback: Feedback | None = None
    """None where nobody ever voted."""
    quality: Quality | None = None
    """Of an earlier window's answers; None where the use case wants none, or there is no such window."""
    usage: WindowUsage = Field(default_factory=WindowUsage)
    counters: dict[str, int] = Field(default_factory=dict)
    """As the profile has them: duplicates, one-sided records, places of PII by kind …"""
    rate: float = 1.0
    """On which share of the records the costly features were computed."""

    @property
    def holds(self) -> list[Condition]:
        """What is above its limit, by the part of the window that was seen."""
        found: dict[Condition, bool] = {
            "drift": any(one.sure for one in self.drift.values()),
            "toxicity": self.toxicity is not None and self.toxicity.share > self.toxicity.limit,
            "latency": self.latency is not None and self.latency.slow,
            "feedback": self.feedback is not None and self.feedback.verdict == "ALARM",
            "quality": self.quality is not None and self.quality.verdict == "ALARM",
        }
        return [condition for condition, holds in found.items() if holds]

    @property
    def unknown(self) -> list[Condition]:
        """Of what nothing can be said, though the window can be judged."""
        found: dict[Condition, Feedback | Quality | None] = {"feedback": self.feedback, "quality": self.quality}
        return [name for name, said in found.items() if said is None or said.verdict == "INSUFFICIENT_DATA"]
