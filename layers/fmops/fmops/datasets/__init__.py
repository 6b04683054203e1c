"""From files that people drop to rows that a run can trust: manifest, validation, split, pinned versions."""
