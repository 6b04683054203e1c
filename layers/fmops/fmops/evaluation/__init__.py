"""Plans an evaluation, asks for its jobs, reads their results."""
