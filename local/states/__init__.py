"""Step Functions: an interpreter of the JSONata part of Amazon States Language, and its API."""

from local.states.errors import InvalidDefinition
from local.states.service import StepFunctions

__all__ = ["InvalidDefinition", "StepFunctions"]
