"""Watches production: reads what endpoints captured, compares it with the baseline, and says what moved."""
