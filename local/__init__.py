"""The embedded AWS of a local run. Nothing in the product imports it."""
