"""What can go wrong in a training job, and the one sentence that a person reads of it."""

LONGEST = 1000  # SageMaker shows the first 1,024 characters.


class TrainingFailed(Exception):
    """The job cannot go on; the text says what is wrong and what to do."""


class Interrupted(Exception):
    """SageMaker asked the job to stop; a checkpoint was written."""


def sentence(error: BaseException) -> str:
    """One sentence for `error`, at most `LONGEST` characters."""
    if isinstance(error, TrainingFailed):
        text = str(error)
    elif _is_out_of_memory(error):
        text = "Out of memory: lower batch_size or max_length, or take an instance with more memory."
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.strerror}: {error.filename or 'a file of the job'}."
    else:
        first = (str(error).splitlines() or ["no message"])[0]
        text = f"The training broke off with {type(error).__name__}: {first}"
    return " ".join(text.split())[:LONGEST]


def _is_out_of_memory(error: BaseException) -> bool:
    # By name: importing torch for its class takes seconds. The CPU's allocator has no class of its own.
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and "can't allocate memory" in str(error))
    )
