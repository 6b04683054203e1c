"""Decides which candidate is better, and how sure that is."""
