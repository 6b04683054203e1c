"""Toxicity in two steps: a fast score of every answer, and a slow one of a sample that is stratified by it."""
