"""moto's DynamoDB for several threads, and for very many calls."""

import json
import threading
from typing import Any

from botocore.exceptions import ClientError
from moto.core.exceptions import JsonRESTError
from moto.dynamodb.responses import DynamoHandler

_RETRIED = ("get_item", "put_item", "update_item", "query", "transact_write_items")


class OneAtATime:
    """A client whose calls wait for each other, as AWS' writes of one item do: moto looks and writes in two steps."""

    def __init__(self, client: Any) -> None:
        self._client, self._lock = client, threading.RLock()

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)
        if name not in _RETRIED:
            return call

        def guarded(**request: Any) -> Any:
            with self._lock:
                return call(**request)

        return guarded


class WithoutWire:
    """moto's handlers of DynamoDB, called as they are: what is left out is that both sides write and read HTTP.

    A call takes a fifth of the time, and a test of many steps makes tens of thousands.
    """

    def __init__(self, account: str, region: str) -> None:
        self._account, self._region = account, region

    def __getattr__(self, operation: str) -> Any:
        def call(**request: Any) -> dict[str, Any]:
            handler = DynamoHandler()
            handler.body = handler.params = request
            handler.region, handler.current_account = self._region, self._account
            try:
                answer: dict[str, Any] = getattr(handler, operation)().result
            except JsonRESTError as error:
                raise _as_client_error(error, operation) from error
            return answer

        return call


def _as_client_error(error: JsonRESTError, operation: str) -> ClientError:
    told = json.loads(error.description)
    response: Any = {
        "Error": {"Code": error.relative_error_type, "Message": error.message},
        "CancellationReasons": told.get("CancellationReasons", []),
    }
    return ClientError(response, operation)
