"""Starts what costs money, once, and hears how it ended."""
