"""Judges for tests: they read a prompt by its structure alone, as a model that follows its instructions does."""

import re
from collections.abc import Callable

from fmops.evaluation.judge.quoting import MARK

Sections = dict[str, str]


def sections(prompt: str) -> Sections:
    """What stands between the lines that name the boundary, by the sections' names, without the marks."""
    first = re.search(r"^--- ([0-9a-f]{32}) the question ---$", prompt, re.MULTILINE)
    assert first, "no question is quoted"
    rule = re.compile(rf"^--- {first[1]} (.+) ---$")
    found: dict[str, list[str]] = {}
    name = ""
    for line in prompt.split("\n"):
        if ruled := rule.match(line):
            name = ruled[1]
            assert name not in found, f"{name} comes twice"
            found[name] = []
        elif name and name != "end of the quotes":
            assert line.startswith(MARK), f"not quoted: {line}"
            found[name].append(line.removeprefix(MARK))
    assert name == "end of the quotes"
    return {name: "\n".join(lines) for name, lines in found.items()}


def code(prompt: str) -> str:
    """The word that a verdict on this prompt must carry."""
    return prompt.rsplit("\n", 1)[1].split()[0]


def scripted(is_better: Callable[[str, str, str], int]) -> Callable[[str], str]:
    """A judge that knows: `is_better` gets question and two answers; above 0 the first is better."""

    def answer(prompt: str) -> str:
        found = sections(prompt)
        gap = is_better(found["the question"], found["answer 1"], found["answer 2"])
        word = "tie" if gap == 0 else "1" if gap > 0 else "2"
        return f"One of them is to the point.\n\n**{code(prompt)} {word}**"

    return answer


def always(word: str) -> Callable[[str], str]:
    """A judge with one verdict for everything."""
    return lambda prompt: f"Sure.\n{code(prompt)} {word}"
