"""What a state, an execution or a definition can fail with, and which rule of Retry and Catch matches it."""

from collections.abc import Sequence

ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
HEARTBEAT = "States.HeartbeatTimeout"
RUNTIME = "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"
QUERY = "States.QueryEvaluationError"
ITEM_READER = "States.ItemReaderFailed"
RESULT_WRITER = "States.ResultWriterFailed"
TOLERANCE = "States.ExceedToleratedFailureThreshold"

# Wildcards do not match these; only their own name does.
TERMINAL = frozenset({RUNTIME, DATA_LIMIT})


class InvalidDefinition(ValueError):
    """A definition that this interpreter refuses; the message begins with the path of the offending field."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where or '/'}: {why}")
        self.where = where or "/"
        self.why = why


class StatesError(Exception):
    """A state failed: may be retried and caught. `location` is the field whose query failed."""

    def __init__(self, error: str, cause: str | None = "", *, location: str = "", heartbeat: bool = False) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
        self.location = location
        self.heartbeat = heartbeat

    def output(self) -> dict[str, str]:
        """The Error Output that a Catch sees."""
        return {"Error": self.error} if self.cause is None else {"Error": self.error, "Cause": self.cause}

    def matches(self, names: Sequence[str]) -> bool:
        """Whether an ErrorEquals names this error, itself or by a wildcard.

        A missed heartbeat is reported as States.Timeout, and States.HeartbeatTimeout matches it as well.
        """
        if self.error in names or (self.heartbeat and HEARTBEAT in names):
            return True
        if self.error in TERMINAL:
            return False
        return ALL in names or (TASK_FAILED in names and self.error != TIMEOUT)


class ExecutionFailure(Exception):
    """The execution itself fails, whatever Catch may say: too much history, or an interpreter that gave up."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
