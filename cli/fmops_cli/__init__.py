"""The command line of fmops, for a local run and for a deployed stack alike."""
