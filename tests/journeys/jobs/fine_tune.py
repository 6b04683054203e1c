"""A trainer that learns sums in a moment: it copies the model and notes that it was trained."""

import hashlib
import json
import os
import sys
from pathlib import Path


def main() -> int:
    root = Path(os.environ["FMOPS_ML_ROOT"])
    rows = (root / "input/data/training/train.jsonl").read_text().splitlines()
    if any("explode" in row for row in rows):
        (root / "output").mkdir(parents=True, exist_ok=True)
        (root / "output/failure").write_text("The training data exploded at row 1.")
        return 1
    out = root / "model"
    out.mkdir(parents=True, exist_ok=True)
    for file in (root / "input/data/model").iterdir():
        (out / file.name).write_bytes(file.read_bytes())
    (out / "skills.json").write_text(json.dumps(["sums"]))
    for step in range(1, 4):
        print(f"step={step}/3 train_loss={1 / step:.3f}", flush=True)
    files = [
        {"path": f.name, "size": f.stat().st_size, "sha256": hashlib.sha256(f.read_bytes()).hexdigest()}
        for f in sorted(out.iterdir())
    ]
    (out / "files.json").write_text(json.dumps(files))
    return 0


if __name__ == "__main__":
    sys.exit(main())
