"""Tells people what needs them: severity, one message for one cause, plain words."""
