"""What every room stands on: ids, errors, clock, settings, events, ledger, artifacts, logging."""
