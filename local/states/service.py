"""Step Functions as a service of the embedded AWS."""

from typing import ClassVar

from local.protocol import Aws, Service
from local.states.execution import Runtime
from local.states.execution_operations import ExecutionOperations
from local.states.executions import Executions
from local.states.loop import Loop
from local.states.tokens import Tokens


class StepFunctions(ExecutionOperations, Service):
    """Machines and executions live in memory. Everything that changes them runs in the loop's thread."""

    name: ClassVar[str] = "stepfunctions"

    def __init__(self, aws: Aws) -> None:
        super().__init__(aws, Runtime(aws, Loop(aws.clock), Tokens(aws.clock)))
        self.kept = Executions(self._runtime, self._machines)

    def start(self) -> None:
        self._loop.start()

    def stop(self) -> None:
        """End every execution at once; their tasks' calls are left to their end, unheard."""
        self._loop.stop()
