"""The one document that a team writes, and which events belong to it."""
