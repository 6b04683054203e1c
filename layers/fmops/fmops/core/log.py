"""Structured logs: facts with ids, never prompts, tokens or payloads."""

from functools import cache

from aws_lambda_powertools import Logger


@cache
def logger(service: str) -> Logger:
    """The logger of a function's area; JSON lines with the request's id."""
    return Logger(service=service, log_uncaught_exceptions=True)
