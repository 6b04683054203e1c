"""Asks people, shows them the evidence, takes their decision once, and remembers it."""
