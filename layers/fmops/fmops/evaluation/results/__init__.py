"""Reads what the jobs of a run left."""
