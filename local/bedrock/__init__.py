"""Bedrock, as far as candidates of an evaluation need it: its list of models, guardrails of words, and Converse."""
