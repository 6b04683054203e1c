"""Rules about text: normalising, and later masking and fingerprints."""
