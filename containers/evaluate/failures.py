"""What can go wrong in an evaluation job, and the one sentence that a person reads of it."""

LONGEST = 1000  # SageMaker shows the first 1 KB.


class EvaluationFailed(Exception):
    """The job cannot go on; the text says what is wrong and what to do."""


def sentence(error: BaseException) -> str:
    """One sentence for `error`, at most `LONGEST` characters."""
    if isinstance(error, EvaluationFailed):
        text = str(error)
    elif isinstance(error, MemoryError):
        text = "Out of memory: take an instance with more of it."
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.strerror}: {error.filename or 'a file of the job'}."
    else:
        first = (str(error).splitlines() or ["no message"])[0]
        text = f"The evaluation broke off with {type(error).__name__}: {first}"
    return " ".join(text.split())[:LONGEST]
