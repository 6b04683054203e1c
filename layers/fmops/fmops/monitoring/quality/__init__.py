"""How good answers were, where what they should have been is known later."""
