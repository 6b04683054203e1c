"""`fmops feedback`: says what a user thinks of an answer, by the stack's own API."""

import http.client
import json
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from fmops.core.errors import BadInput
from fmops_cli.failures import CommandFailed
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.target import Target

_TIMEOUT_SECONDS = 30


def feedback(
    use_case: Annotated[str, typer.Argument(help="The use case's name.", show_default=False)],
    inference_id: Annotated[
        str, typer.Argument(help="The answer's InferenceId, or the event id of its record.", show_default=False)
    ],
    up: Annotated[bool, typer.Option("--up/--down", help="Thumb up, or down.", show_default=False)],
    text: Annotated[str, typer.Option("--text", help="What the user wrote; at most 4,000 characters.")] = "",
    tenant: Annotated[str, typer.Option("--tenant", help="Whose user it is.")] = "",
    user: Annotated[str, typer.Option("--user", help="An id of the user for whom you vote; you by default.")] = "",
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Vote on an answer. Who votes again on the same answer replaces what they said."""
    thumb = "up" if up else "down"
    said = {"use_case": use_case, "inference_id": inference_id, "thumb": thumb}
    said |= {name: value for name, value in (("text", text), ("tenant", tenant), ("user", user)) if value}
    taken = send(find(stack), said)
    if as_json:
        print_json(taken)
    else:
        out.print(f"thumb {thumb} on {inference_id}: {taken['outcome']}")


def send(target: Target, said: dict[str, Any]) -> dict[str, Any]:
    """Sign a vote with the target's credentials and send it; what the API answers."""
    url = target.output("FeedbackUrl")
    request = AWSRequest("POST", url, {"content-type": "application/json"}, json.dumps(said).encode())
    SigV4Auth(target.credentials, "execute-api", target.client("dynamodb").meta.region_name).add_auth(request)
    status, document = _post(url, dict(request.headers.items()), request.data)
    match status:
        case 200:
            return document
        case 400 | 404 | 413:
            raise BadInput(str(document.get("message")))
        case 403:
            raise CommandFailed(f"AWS denied the request: your policies must allow execute-api:Invoke on {url}")
        case _:
            raise CommandFailed(f"{url} answers with status {status}: {document.get('message')}")


def _post(url: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
    parts = urlsplit(url)
    # Names below localhost are this machine's (RFC 6761), whether its resolver knows them or not.
    host = "127.0.0.1" if (parts.hostname or "").endswith(".localhost") else str(parts.hostname)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, parts.port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("POST", parts.path, body, {**headers, "Host": parts.netloc})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")
    except (OSError, ValueError) as error:
        raise CommandFailed(f"nothing that we know answers at {url}: {error}") from error
    finally:
        connection.close()
