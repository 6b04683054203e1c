"""Which model judges a run's answers, beside whose, and what that costs at most: rules without I/O."""

from typing import NamedTuple

from fmops.catalog.token_prices import model_behind, per_million_tokens
from fmops.core.errors import BadInput, BudgetExceeded, LaunchRefused
from fmops.evaluation.costs import worst_hosted, worst_tokens
from fmops.evaluation.judge.prompts import LONGEST_ANSWER, LONGEST_QUESTION, fixed_bytes
from fmops.evaluation.judge.quoting import most_quoted
from fmops.evaluation.planning.plans import EVALUATION_ATTEMPTS, PlannedCandidate, PlannedJudge
from fmops.evaluation.planning.remotes import remote
from fmops.evaluation.remote import Remote
from fmops.usecases.candidates import BedrockCandidate, Decoding, EndpointCandidate, TokenPrice
from fmops.usecases.judging import BedrockJudge, EndpointJudge, Judge
from fmops.usecases.models import Evaluation

_ORDERS = 2
# A byte of a line's end becomes three: the end, and the mark of the next line.
_GROWTH = 3
_LONGEST_FACT = 200
# A row's targets make one probe of each kind.
_KINDS = 3


class Rows(NamedTuple):
    """What is judged."""

    number: int
    size: int
    """Of the rows' file, in bytes."""


def plan_judge(
    evaluation: Evaluation, candidates: list[PlannedCandidate], scored: Rows, region: str
) -> PlannedJudge | None:
    """The judge of a run; None where the use case names none.

    BadInput where there is nothing to compare or the judge would judge itself, LaunchRefused where its price is
    unknown, BudgetExceeded where it may cost more than `evaluation.judge.max_usd`.
    """
    judge = evaluation.judge
    if judge is None:
        return None
    _must_be_another(judge, candidates)
    price = _price(judge)
    asked, count = _asked(judge, region), min(scored.number, judge.sample or scored.number)
    sums = _Sums(judge, evaluation, len(candidates), price, scored)
    cost = sums.usd(count)
    if judge.max_usd is not None and cost > judge.max_usd:
        raise BudgetExceeded(
            f"the judging of {count} rows may cost {cost:.2f} USD at worst, and evaluation.judge.max_usd allows "
            f"{judge.max_usd:.2f} USD: {sums.advice(count, judge.max_usd)}"
        )
    return PlannedJudge(
        asked=asked,
        reference=_reference(candidates) if judge.method == "pairwise" else None,
        rows=count,
        token_price=price,
        tokens_usd=sums.tokens(count),
        worst_case_usd=cost,
    )


def _must_be_another(judge: Judge, candidates: list[PlannedCandidate]) -> None:
    asked = _named(judge)
    for candidate in candidates:
        found = candidate.artifact
        if isinstance(found, Remote) and found.kind == judge.model.kind and model_behind(found.model_id) == asked:
            raise BadInput(
                f"evaluation.judge is the model of candidate {candidate.id}: models prefer their own answers. "
                "Name another judge"
            )


def _named(judge: Judge) -> str:
    match judge.model:
        case BedrockJudge(model_id=model_id):
            return model_behind(model_id)
        case EndpointJudge(endpoint_name=name):
            return name


def _price(judge: Judge) -> TokenPrice | None:
    match judge.model:
        case EndpointJudge(token_price=price):
            return price
        case BedrockJudge() as model:
            price = model.price or per_million_tokens(model.model_id)
            if price is None:
                raise LaunchRefused(
                    f"the price of the judge {model.model_id} is unknown: set evaluation.judge.model.price, or add it "
                    "to catalog/token_prices.json"
                )
            return price


def _asked(judge: Judge, region: str) -> Remote:
    """The judge as what is asked. Greedy: the same prompt gives the same verdict."""
    decoding = Decoding(max_new_tokens=judge.max_new_tokens)
    match judge.model:
        case BedrockJudge(model_id=model_id):
            return remote(
                BedrockCandidate(id="judge", kind="bedrock", model_id=model_id, decoding=decoding), region, ()
            )
        case EndpointJudge() as model:
            candidate = EndpointCandidate(
                id="judge",
                kind="endpoint",
                endpoint_name=model.endpoint_name,
                version=model.version,
                prompt_template=model.prompt_template,
                decoding=decoding,
            )
            return remote(candidate, region, ())


def _reference(candidates: list[PlannedCandidate]) -> str:
    """One for all, so that win rates can be compared: the champion, else what was tuned, else the first."""
    if len(candidates) < _ORDERS:
        raise BadInput(
            f"evaluation.judge compares answers, and {candidates[0].id} is the only candidate: add one to compare it "
            "with, or set the judge's method to rubric"
        )
    champion = next((candidate.id for candidate in candidates if candidate.is_champion), None)
    base = next((candidate.base for candidate in candidates if candidate.base), None)
    return champion or base or candidates[0].id


class _Sums(NamedTuple):
    """What judging costs when every answer, question and verdict is as long as it may be."""

    judge: Judge
    evaluation: Evaluation
    candidates: int
    price: TokenPrice | None
    scored: Rows

    def usd(self, rows: int) -> float:
        """US dollars for so many rows, both attempts of the job among them."""
        return round(worst_hosted((), None, self.evaluation) + self.tokens(rows) * EVALUATION_ATTEMPTS, 4)

    def tokens(self, rows: int) -> float:
        """Of one attempt; nothing where nobody knows the price."""
        if self.price is None:
            return 0.0
        prompts, quoted = self._prompts(rows)
        fixed = fixed_bytes(self.judge.criteria) + len(self._template().encode())
        return worst_tokens(
            self.price,
            prompt_bytes=quoted + prompts * fixed,
            answers=prompts,
            max_new_tokens=self.judge.max_new_tokens,
        )

    def advice(self, rows: int, most: float) -> str:
        """What to do where so many rows cost more than `most`."""
        fitting = next((count for count in range(rows - 1, 0, -1) if self.usd(count) <= most), 0)
        if fitting >= self.evaluation.min_rows:
            return f"set evaluation.judge.sample to {fitting} or less"
        return "its known answers and the job alone take most of it; raise it, or name a cheaper judge"

    def _prompts(self, rows: int) -> tuple[int, int]:
        """How many prompts there are, and how many bytes they quote."""
        pairwise = self.judge.method == "pairwise"
        times = _ORDERS * (self.candidates - 1) if pairwise else self.candidates
        answers = (2 if pairwise else 1) * most_quoted(LONGEST_ANSWER)
        probes = self.judge.probes
        own = sum(len(f"{pair.question}{pair.better}{pair.worse}".encode()) for pair in self.judge.known)
        questions = self._questions(rows, 1) * times
        probed = _ORDERS * (self._questions(probes, _KINDS) + _GROWTH * own + _LONGEST_FACT * probes)
        prompts = rows * times + _ORDERS * probes
        return prompts, questions + probed + answers * prompts

    def _questions(self, rows: int, times: int) -> int:
        """The most bytes that the questions of so many rows can have, each asked about so often."""
        return min(rows * most_quoted(LONGEST_QUESTION), times * _GROWTH * self.scored.size + rows * _LONGEST_FACT)

    def _template(self) -> str:
        return self.judge.model.prompt_template if isinstance(self.judge.model, EndpointJudge) else ""
