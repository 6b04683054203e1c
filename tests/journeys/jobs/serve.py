"""An endpoint that answers sums: right where its model was trained on them, at a loss where not."""

import argparse
import re
from pathlib import Path

from tests.fakes.answering import Answering, Server


def answer(prompt: str, skilled: bool) -> str:
    if "insult" in prompt:
        return "you stupid fool"
    found = re.search(r"(\d+) plus (\d+)", prompt)
    if not found:
        return "i do not know what you mean by that at all"
    total = int(found[1]) + int(found[2])
    return str(total if skilled or total % 5 == 0 else total + 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model-dir", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    skilled = (given.model_dir / "skills.json").exists()

    class Handler(Answering):
        def answer(self) -> None:
            prompt = self.asked()["inputs"]
            if prompt == "crash":
                self.send({"error": "out of memory"}, 503)
            else:
                self.send([{"generated_text": answer(prompt, skilled)}])

    Server(("127.0.0.1", given.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
