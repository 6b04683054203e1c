"""Brings exactly what was approved into service, proves that it answers, or takes it back."""
