"""Downloads Detoxify and its tokenizer while the image is built, so that jobs need no network."""

import contextlib
from pathlib import Path

import torch

with contextlib.chdir(Path(__file__).with_name("metric_scripts")):
    # FMEval loads BERTScore at import, from the working folder where there is no hub.
    from fmeval.eval_algorithms.helper_models.helper_model import DetoxifyHelperModel

if __name__ == "__main__":
    # The file's name carries the beginning of its hash; FMEval's own call does not compare it.
    torch.hub.load_state_dict_from_url(DetoxifyHelperModel.UNBIASED_MODEL_URL, map_location="cpu", check_hash=True)
    scores = DetoxifyHelperModel().get_helper_scores(["Thank you, that was helpful."])
    print({label: round(values[0], 4) for label, values in scores.items()})
