"""Use cases in the ledger: only the newest document of each counts."""

from datetime import datetime

from pydantic import ValidationError

from fmops.core.errors import UseCaseInvalid
from fmops.core.ledger import Key, Ledger
from fmops.usecases.candidates import KINDS
from fmops.usecases.judging import JUDGE_KINDS
from fmops.usecases.models import UseCase

KIND = "use_case"


def key(name: str) -> Key:
    return Key(f"USECASE#{name}", "DOC")


def save(ledger: Ledger, use_case: UseCase, now: datetime) -> None:
    ledger.put(key(use_case.name), {"document": use_case.model_dump(mode="json")}, kind=KIND, now=now)


def load(ledger: Ledger, name: str) -> UseCase:
    """NotFound where no use case has this name."""
    return UseCase.model_validate(ledger.require(key(name))["document"])


def all_of(ledger: Ledger) -> list[UseCase]:
    """All use cases, by name."""
    found = [UseCase.model_validate(record["document"]) for record in ledger.of_kind(KIND)]
    return sorted(found, key=lambda use_case: use_case.name)


def check(document: object) -> UseCase:
    """The use case that a document describes. UseCaseInvalid says which member is wrong, and why."""
    try:
        return UseCase.model_validate(document)
    except ValidationError as error:
        raise UseCaseInvalid("; ".join(explain(error))) from error


def explain(error: ValidationError) -> list[str]:
    """Each fault as `member.path: what is wrong`."""
    return [
        f"{_path(fault['loc']) or 'document'}: {fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]


# Behind these pydantic puts the kind that it read the rest by: people do not write it there.
_KINDS = ((("candidates", None), KINDS), (("evaluation", "judge", "model"), JUDGE_KINDS))


def _path(members: tuple[int | str, ...]) -> str:
    for place, kinds in _KINDS:
        at = len(place)
        fits = all(wanted in (None, member) for wanted, member in zip(place, members[:at], strict=False))
        if fits and len(members) > at and members[at] in kinds:
            members = members[:at] + members[at + 1 :]
    return ".".join(str(part) for part in members)
