"""`fmops profile`: what production's traffic is like, from a folder of capture files or invocation logs."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from fmops.core.errors import BadInput
from fmops.monitoring.findings import drifts, sentence
from fmops.monitoring.folder import profile_folder
from fmops.monitoring.models import Finding
from fmops.monitoring.profile.features import EMBEDDINGS, FEATURES, Feature
from fmops.monitoring.profile.model import Profile, pack, unpack
from fmops.monitoring.usage import usage
from fmops.statistics.sketches import quantile
from fmops.text.lexicon import Lexicon
from fmops.usecases.models import Monitoring
from fmops.usecases.watching import Tenancy
from fmops_cli.options import AsJson, out, print_json
from fmops_cli.options import table as new_table

_SHOWN = 3


def profile(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Capture files or invocation logs, as S3 holds them.")],
    against: Annotated[
        Path | None, typer.Option(help="What to compare with: another folder, or a profile that --out wrote.")
    ] = None,
    rate: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="On which share language, embeddings and toxicity are computed.")
    ] = 1.0,
    tenant: Annotated[
        str | None, typer.Option(help="Where tenants stand: inference_id, custom_attribute:KEY, request_metadata:KEY.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--out", help="Write the profile here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Profile every record of a folder on this machine, as monitoring does it in the account."""
    rule = Monitoring(costly_rate=rate or 1.0, tenancy=_tenancy(tenant), toxicity_sample=1)
    lexicon = Lexicon() if rate else None
    begun = time.process_time()
    found = profile_folder(folder, rule, lexicon).profile
    seconds = time.process_time() - begun
    compared = None if against is None else drifts(found, _baseline(against, rule, lexicon), rule)
    if to is not None:
        to.write_bytes(pack(found))
    if as_json:
        print_json(_document(found, compared, seconds))
        return
    _show(found, seconds)
    if compared is not None:
        _compare(compared)


def _tenancy(given: str | None) -> Tenancy:
    if given is None:
        return Tenancy()
    source, _, key = given.partition(":")
    if source not in ("inference_id", "custom_attribute", "request_metadata"):
        raise BadInput(f"{given!r} names no place for tenants; take inference_id, custom_attribute:KEY, …")
    return Tenancy.model_validate({"source": source, **({"key": key} if key else {})})


def _baseline(path: Path, rule: Monitoring, lexicon: Lexicon | None) -> Profile:
    if path.is_file() and path.suffix == ".npz":
        try:
            return unpack(path.read_bytes())
        except (ValueError, KeyError, OSError) as error:
            raise BadInput(f"{path} is no profile of this version: {error}") from error
    return profile_folder(path, rule, lexicon).profile


def _show(found: Profile, seconds: float) -> None:
    counters = found.counters
    each = f", {seconds / found.records * 1e6:.0f} µs each" if found.records else ""
    out.print(f"{found.records:,} records of {counters['objects']} files in {seconds:.1f} s of CPU time{each}")
    out.print(
        f"unreadable {counters['unreadable']:,}, twice {counters['duplicates']:,}, one-sided "
        f"{counters['one_sided']:,}, different prompts about {found.distinct_prompts:,.0f}"
    )
    table = new_table("feature", "records", "what was seen")
    for row in (_row(feature, found) for feature in FEATURES.values()):
        if row is not None:
            table.add_row(*row)
    out.print(table)
    _show_usage(found)


def _row(feature: Feature, found: Profile) -> tuple[str, str, str] | None:
    bins = found.counts(feature.name).sum(axis=0)
    whole = int(bins.sum())
    if not whole or (feature.kind == "mix" and not feature.labels):
        return None
    if feature.kind == "share":
        said = f"{bins[1] / whole:.2%}"
    elif feature.kind == "number":
        low, middle, high = (quantile(bins, feature.edges, share) for share in (0.05, 0.5, 0.95))
        said = f"median {middle:.3g}, 5 % below {low:.3g}, 5 % above {high:.3g}"
    else:
        first = sorted(zip(feature.labels, bins.tolist(), strict=True), key=lambda item: -item[1])[:_SHOWN]
        said = ", ".join(f"{label} {count / whole:.1%}" for label, count in first if count)
    return feature.name.replace("_", " "), f"{whole:,}", said


def _show_usage(found: Profile) -> None:
    used = usage(found, None)
    guessed = f", of {used.estimated_share:.0%} of the records estimated" if used.estimated_share else ""
    out.print(f"tokens: {used.prompt_tokens:,} asked, {used.answer_tokens:,} answered{guessed}")
    if used.tenants:
        table: Table = new_table("tenant", "records", "tokens asked", "answered")
        for one in used.tenants:
            table.add_row(one.tenant, f"{one.records:,}", f"{one.prompt_tokens:,}", f"{one.answer_tokens:,}")
        out.print(table)


def _compare(compared: dict[str, Finding]) -> None:
    if not compared:
        out.print("too few records to compare")
        return
    moved = {name: one for name, one in compared.items() if one.sure}
    out.print(f"{len(moved)} of {len(compared)} features moved surely beyond their limits")
    for name, one in sorted(moved.items(), key=lambda item: -item[1].size / item[1].limit):
        out.print(f"  {sentence(name, one)}")


def _document(found: Profile, compared: dict[str, Finding] | None, seconds: float) -> dict[str, Any]:
    features = {
        feature.name: {"edges": list(feature.edges), "labels": list(feature.labels), "counts": bins.tolist()}
        for feature in FEATURES.values()
        if (bins := found.counts(feature.name).sum(axis=0)).any()
    }
    return {
        "records": found.records,
        "seconds": round(seconds, 3),
        "rate": found.rate,
        "counters": found.counters,
        "distinct_prompts": round(found.distinct_prompts),
        "features": features,
        "embeddings": {name: int(found.sums(name)[:, 0].sum()) for name in EMBEDDINGS},
        "usage": usage(found, None).model_dump(mode="json"),
        "drift": None if compared is None else {name: one.model_dump(mode="json") for name, one in compared.items()},
    }
