"""Writes inputs a little differently, as FMEval does: by seed, so that the same input is always perturbed alike."""

import hashlib
from typing import Any

import numpy as np
from fmeval.eval_algorithms.semantic_robustness_utils import SemanticRobustnessConfig, get_perturbation_transform

from fmops.evaluation.algorithms import Scoring


class Perturbing:
    """FMEval's perturbation; importing it takes seconds."""

    def __init__(self, scoring: Scoring) -> None:
        config = SemanticRobustnessConfig(
            perturbation_type=scoring.perturbation, num_perturbations=scoring.perturbations
        )
        self._transform: Any = get_perturbation_transform(config)
        self._seed = scoring.seed

    def perturbed(self, text: str) -> list[str]:
        """The same text in other spellings."""
        self._transform.rng = np.random.default_rng(seed_of(text, self._seed))
        texts: list[str] = self._transform.perturb(text)
        return texts


def seed_of(text: str, seed: int) -> int:
    """Of the text itself: where a row stands, and which others there are, must not change what is asked of it."""
    return int.from_bytes(hashlib.sha256(f"{seed}\n{text}".encode()).digest()[:8])
