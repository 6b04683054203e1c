"""Models behind Bedrock: some do sums, one judges sums, and one judge prefers what comes first."""

import argparse
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.fakes.answering import Answering, Server
from tests.fakes.judge import always, scripted
from tests.journeys.jobs.serve import answer


def off_by(question: str, given: str) -> float:
    """How far an answer is from the sum that is asked for."""
    first, second = re.findall(r"\d+", question)
    said = re.fullmatch(r"\d+", given.strip())
    return abs(int(said[0]) - int(first) - int(second)) if said else float("inf")


def better(question: str, first: str, second: str) -> int:
    ours, theirs = off_by(question, first), off_by(question, second)
    return (ours < theirs) - (theirs < ours)


def speaker(folder: Path) -> Callable[[str], str]:
    """What the model of this folder says to a prompt."""
    if json.loads((folder / "config.json").read_text())["model_type"] != "judge":
        return partial(answer, skilled=(folder / "skills.json").exists())
    return always("1") if "bad" in folder.name else scripted(better)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    says = speaker(given.model_dir)

    class Handler(Answering):
        def answer(self) -> None:
            said = says(self.asked()["messages"][-1]["content"])
            self.send({"text": said, "input_tokens": 300, "output_tokens": 20, "stop_reason": "end_turn"})

    Server(("127.0.0.1", given.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
