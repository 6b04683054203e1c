"""What catalogues of models bring, in the words that people read: a digest of new models, and withdrawals."""

from collections.abc import Iterator
from itertools import groupby

from fmops.alerts.models import Severity
from fmops.alerts.wording import Text
from fmops.core.events import ModelsNoticed, ModelWithdrawn, NoticedModel


def noticed(event: ModelsNoticed) -> Text:
    what = "1 new model" if event.count == 1 else f"{event.count} new models"
    lines = [
        f"New in {_called(event.hub)}, of interest to {event.use_case} by its `discovery`, and not evaluated:",
        *_by_reason(event.models),
    ]
    if event.count > len(event.models):
        lines += ["", f"And {event.count - len(event.models)} more."]
    if event.evaluated:
        lines += ["", "Evaluated now, each in a run of its own:", *(f"- {name}" for name in event.evaluated)]
    lines += [
        "",
        "Next: put those that you want evaluated under `candidates` of the use case, then:",
        f"fmops use-case add FILE, and fmops run {event.use_case}",
        "Too many mails, or the wrong models? Narrow the use case's `discovery`.",
    ]
    names = sorted(f"{model.model_id} {model.version}" for model in event.models)
    return Text(Severity.INFO, f"{event.use_case}: {what} of interest, not evaluated", lines, [event.hub, *names])


def withdrawn(event: ModelWithdrawn) -> Text:
    name = f"{event.model_id} {event.version}".strip()
    hub = _called(event.hub)
    says = f"{hub} has no {name} any more." if event.status == "removed" else f"{hub} calls {name} {event.status}."
    lines = [
        f"{says} For {event.use_case} it is a candidate, or was evaluated when it was new.",
        *([f"It answers until {event.until}."] if event.until else []),
        "Nothing was stopped by this: what serves goes on for as long as its publisher lets it.",
        "",
        f"Next: put another candidate into the use case, then: fmops use-case add FILE, and fmops run {event.use_case}",
    ]
    cause = [event.hub, event.model_id, event.version, event.status]
    return Text(Severity.WARNING, f"{event.use_case}: {name} is {event.status}", lines, cause)


def _called(hub: str) -> str:
    return "Bedrock" if hub == "bedrock" else hub


def _by_reason(models: list[NoticedModel]) -> Iterator[str]:
    """Each reason once, with its models below it."""
    for why, group in groupby(sorted(models, key=lambda model: model.why), lambda model: model.why):
        yield from ("", f"{why[0].upper()}{why[1:]}.", *(f"- {_described(model)}" for model in group))


def _described(model: NoticedModel) -> str:
    """What is known of it."""
    size = model.billion_parameters
    known = [
        model.provider,
        f"licence {model.licence}" if model.licence else None,
        f"{size:g} billion parameters" if size is not None else None,
        "can be fine-tuned" if model.fine_tunable else None,
    ]
    about = ", ".join(one for one in known if one)
    return f"{model.model_id} {model.version}".strip() + (f": {about}" if about else "")
