"""Has the answers of a run judged by a model."""
