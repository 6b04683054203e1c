"""Errors of the services that speak XML."""

import uuid
from xml.sax.saxutils import escape

from local.protocol import AwsError
from local.wire.response import Response

# What a refused call is called where it is not AccessDenied.
_REFUSED = {"sns": "AuthorizationError"}


def fail(service: str, error: AwsError) -> Response:
    """Write an error as S3 does (rest-xml) or as the query protocol does."""
    request_id = str(uuid.uuid4())
    code = error.code.removesuffix("Exception") if error.code == "AccessDeniedException" else error.code
    code = _REFUSED.get(service, code) if code == "AccessDenied" else code
    fields = f"<Code>{escape(code)}</Code><Message>{escape(error.message)}</Message>"
    if service == "s3":
        body = f"<Error>{fields}<RequestId>{request_id}</RequestId></Error>"
    else:
        kind = "Sender" if error.status < 500 else "Receiver"
        fields = f"<Error><Type>{kind}</Type>{fields}</Error>"
        body = f"<ErrorResponse>{fields}<RequestId>{request_id}</RequestId></ErrorResponse>"
    headers = {"content-type": "text/xml", "x-amzn-requestid": request_id, "x-amz-request-id": request_id}
    return Response(error.status, headers, f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode())
