"""Whose turn it is to evaluate."""
