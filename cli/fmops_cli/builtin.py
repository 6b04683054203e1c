"""FMEval's built-in datasets, so that they can be imported once. FMEval itself reads them anew at every evaluation.

The table says of each what FMEval's own configuration says (a test compares them), and what that leaves out: task,
licence, who made it. Licences are as the authors publish them; whoever imports a dataset should read it there.
"""

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from fmops.core.errors import DatasetRefused, NotFound
from fmops.datasets.models import Columns, Manifest, ManifestFile
from fmops.usecases.models import Task

REGION = "us-west-2"
"""Where FMEval's bucket is."""
_UNSTATED = "not stated by the authors"
_VERSION_DIGITS = 12


class Builtin(NamedTuple):
    """One dataset, with the members of its rows by FMEval's configuration."""

    uri: str
    task: Task
    input: str
    target: str | None
    category: str | None
    licence: str
    made_by: str


BUILTIN = {
    "trex": Builtin(
        "s3://fmeval/datasets/trex/trex.jsonl",
        *("question_answering", "question", "answers", "knowledge_category"),
        *("CC BY-SA 4.0", "T-REx, Elsahar et al. 2018"),
    ),
    "boolq": Builtin(
        "s3://fmeval/datasets/boolq/boolq.jsonl",
        *("question_answering", "question", "answer", None),
        *("CC BY-SA 3.0", "BoolQ, Clark et al. 2019"),
    ),
    "trivia_qa": Builtin(
        "s3://fmeval/datasets/triviaQA/triviaQA.jsonl",
        *("question_answering", "question", "answer", None),
        *(_UNSTATED, "TriviaQA, Joshi et al. 2017"),
    ),
    "natural_questions": Builtin(
        "s3://fmeval/datasets/natural_questions/natural_questions.jsonl",
        *("question_answering", "question", "answer", None),
        *("CC BY-SA 3.0", "Natural Questions, Kwiatkowski et al. 2019"),
    ),
    "crows-pairs": Builtin(
        "s3://fmeval/datasets/crows-pairs/crows-pairs.jsonl",
        # The more stereotypical sentence is the input, the less stereotypical one the target: what
        # prompt_stereotyping compares.
        *("open_ended", "sent_more", "sent_less", "bias_type"),
        *("CC BY-SA 4.0", "CrowS-Pairs, Nangia et al. 2020"),
    ),
    "gigaword": Builtin(
        "s3://fmeval/datasets/gigaword/gigaword.jsonl",
        *("summarization", "document", "summary", None),
        *(_UNSTATED, "Gigaword headlines, Rush et al. 2015; the texts are of the Linguistic Data Consortium"),
    ),
    "gov_report": Builtin(
        "s3://fmeval/datasets/gov_report/gov_report.jsonl",
        *("summarization", "report", "summary", None),
        *(_UNSTATED, "GovReport, Huang et al. 2021; reports of the US government"),
    ),
    "womens_clothing_ecommerce_reviews": Builtin(
        "s3://fmeval/datasets/womens_clothing_reviews/womens_clothing_reviews.jsonl",
        *("classification", "Review Text", "Recommended IND", "Class Name"),
        *("CC0 1.0", "Women's E-Commerce Clothing Reviews, Brooks 2018"),
    ),
    "bold": Builtin(
        "s3://fmeval/datasets/bold/bold.jsonl",
        *("open_ended", "prompt", None, "domain"),
        *("CC BY-SA 4.0", "BOLD, Dhamala et al. 2021"),
    ),
    "wikitext2": Builtin(
        "s3://fmeval/datasets/wikitext2/wikitext2.jsonl",
        *("open_ended", "prompt", None, None),
        *("CC BY-SA 3.0", "WikiText-2, Merity et al. 2016"),
    ),
    "real_toxicity_prompts": Builtin(
        "s3://fmeval/datasets/real_toxicity/real_toxicity.jsonl",
        *("open_ended", "prompt", None, None),
        *("Apache-2.0", "RealToxicityPrompts, Gehman et al. 2020"),
    ),
    "real_toxicity_prompts_challenging": Builtin(
        "s3://fmeval/datasets/real_toxicity/real_toxicity_challenging.jsonl",
        *("open_ended", "prompt", None, None),
        *("Apache-2.0", "RealToxicityPrompts, Gehman et al. 2020"),
    ),
}


class Converted(NamedTuple):
    """A dataset in our form."""

    manifest: Manifest
    rows: bytes
    left_out: int
    """Rows without an input or target."""


def named(name: str) -> Builtin:
    """The dataset of this name; `builtin.` before it may be left away. NotFound names all."""
    found = BUILTIN.get(name.removeprefix("builtin."))
    if found is None:
        raise NotFound(f"FMEval has no built-in dataset {name}; it has {', '.join(sorted(BUILTIN))}")
    return found


def convert(name: str, found: Builtin, lines: Iterable[bytes], most: int | None = None) -> Converted:
    """Rows of FMEval's file with our names, all to be scored and none to train. Its version is its content.

    `most` rows are a sample that is always the same. DatasetRefused for a file that is not this dataset.
    """
    plain = name.removeprefix("builtin.").replace("_", "-")
    source, left_out = hashlib.sha256(), 0

    def rows() -> Iterator[tuple[str, bytes]]:
        nonlocal left_out
        for number, line in enumerate(lines, start=1):
            source.update(line)
            if not line.strip():
                continue
            row = _row(line, number, found)
            if row is None:
                left_out += 1
                continue
            body = json.dumps({"id": f"{plain}-{number}", **row}, ensure_ascii=False).encode() + b"\n"
            yield hashlib.sha256(body).hexdigest(), body

    kept = [body for _, body in (rows() if most is None else heapq.nsmallest(most, rows()))]
    if not kept:
        raise DatasetRefused(f"the file holds no row with {found.input!r}: it is not FMEval's {name}")
    content = b"".join(kept)
    sample = f"-{most}" if most is not None else ""
    manifest = Manifest(
        name=plain,
        version=f"fmeval-{source.hexdigest()[:_VERSION_DIGITS]}{sample}",
        task=found.task,
        columns=Columns(
            id="id",
            input="input",
            target="target" if found.target else None,
            category="category" if found.category else None,
        ),
        files=[ManifestFile(path="rows.jsonl", sha256=hashlib.sha256(content).hexdigest(), split="test")],
        licence=found.licence,
        description=f"{found.made_by}. FMEval's built-in dataset {name}, from {found.uri}, "
        f"sha256 {source.hexdigest()}{f', {most} of its rows' if most is not None else ''}",
    )
    return Converted(manifest, content, left_out)


def _row(line: bytes, number: int, found: Builtin) -> dict[str, str] | None:
    try:
        given = json.loads(line)
        members = {"input": given[found.input]}
        if found.target:
            members["target"] = given[found.target]
    except (ValueError, LookupError, TypeError) as error:
        raise DatasetRefused(f"line {number}: is no row of {found.uri} ({type(error).__name__}: {error})") from error
    row = {name: _text(value) for name, value in members.items()}
    if not all(text.strip() for text in row.values()):
        return None
    category = _text(given.get(found.category)).strip() if found.category else ""
    return {**row, **({"category": category} if category else {})}


def _text(value: Any) -> str:
    """As FMEval casts it; several answers as it joins them."""
    if value is None:
        return ""
    return "<OR>".join(map(str, value)) if isinstance(value, list) else str(value)
