"""The rival of the profile benchmark, in an environment of its own: evidently's descriptors of the same texts."""

import json
import sys
import time
from pathlib import Path

import pandas as pd
from evidently import DataDefinition, Dataset
from evidently.descriptors import (
    IncludesWords,
    NonLetterCharacterPercentage,
    RegExp,
    SentenceCount,
    TextLength,
    WordCount,
)

REFUSING = ["sorry", "cannot", "unable", "apologize"]
INJECTING = ["ignore", "disregard", "bypass", "jailbreak"]
EMAIL = r"[\w.+-]+@[\w-]+\.[\w.]+"


def main(file: Path) -> None:
    """CPU seconds for the descriptors of all pairs."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    frame = pd.DataFrame(rows, columns=["prompt", "answer"])
    descriptors = [
        descriptor
        for column in ("prompt", "answer")
        for descriptor in (
            TextLength(column, alias=f"{column} length"),
            WordCount(column, alias=f"{column} words"),
            SentenceCount(column, alias=f"{column} sentences"),
            NonLetterCharacterPercentage(column, alias=f"{column} marks"),
            RegExp(column, reg_exp=EMAIL, alias=f"{column} mail"),
        )
    ]
    # As they are by default: they find other forms of the words too.
    descriptors.append(IncludesWords("answer", words_list=REFUSING, alias="refusal"))
    descriptors.append(IncludesWords("prompt", words_list=INJECTING, alias="injection"))
    begun = time.process_time()
    Dataset.from_pandas(
        frame, data_definition=DataDefinition(text_columns=["prompt", "answer"]), descriptors=descriptors
    ).as_dataframe()
    sys.stdout.write(json.dumps({"seconds": time.process_time() - begun, "pairs": len(frame)}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
