"""An endpoint as a target is at its simplest: each answer takes the same time, and only so many are given at once.

Speaks InvokeEndpoint; what goes beyond the limit is throttled with 429. GET /calls tells how many prompts were answered
and how many refused.
"""

import argparse
import asyncio
import json
from typing import Any

_RETRY_LATER = {"message": "Rate exceeded"}


class Endpoint:
    """The limit, and what was asked so far."""

    def __init__(self, latency: float, limit: int) -> None:
        self._latency, self._limit = latency, limit
        self._under_way = 0
        self.answered = self.refused = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request by request."""
        try:
            while (head := await _head(reader)) is not None:
                request, length = head
                body = await reader.readexactly(length)
                await self._answer(request, body, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _answer(self, request: str, body: bytes, writer: asyncio.StreamWriter) -> None:
        if request.startswith("GET /calls"):
            _write(writer, 200, {"answered": self.answered, "refused": self.refused})
        elif self._under_way >= self._limit:
            self.refused += 1
            _write(writer, 429, _RETRY_LATER, "x-amzn-ErrorType: ThrottlingException\r\n")
        else:
            self._under_way += 1
            try:
                await asyncio.sleep(self._latency)
            finally:
                self._under_way -= 1
            self.answered += 1
            _write(writer, 200, [{"generated_text": json.loads(body)["inputs"][::-1]}])
        await writer.drain()


async def _head(reader: asyncio.StreamReader) -> tuple[str, int] | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    length = next(
        (int(line.partition(":")[2]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0
    )
    return head.partition("\r\n")[0], length


def _write(writer: asyncio.StreamWriter, status: int, document: Any, headers: str = "") -> None:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, required=True)
    parser.add_argument("--limit", type=int, required=True)
    options = parser.parse_args()
    endpoint = Endpoint(options.latency, options.limit)
    server = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
