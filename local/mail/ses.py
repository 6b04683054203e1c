"""SES on top of moto's identities: what it accepts lands in the mailbox."""

import base64
import email
import email.policy
import json
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import moto.ses.responses
import moto.sesv2.responses

from local.mail.inbox import Inbox
from local.mail.patches import Patches
from local.protocol import Aws, NotImplementedByEmbeddedAws


class Ses:
    """Reads along where moto answers SendEmail, from start to stop."""

    def __init__(self, aws: Aws, inbox: Inbox) -> None:
        self._aws = aws
        self._inbox = inbox
        self._patches = Patches()

    def start(self) -> None:
        first, second = moto.ses.responses.EmailResponse, moto.sesv2.responses.SESV2Response
        self._patches.set(first, "send_email", self._simple(first.send_email))
        self._patches.set(first, "send_raw_email", self._raw(first.send_raw_email))
        self._patches.set(second, "send_email", self._second(second.send_email))
        for name in ("send_templated_email", "send_bulk_templated_email"):
            self._patches.set(first, name, _refused(name))

    def stop(self) -> None:
        self._patches.undo()

    def _simple(self, before: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def send_email(response: Any) -> Any:
            result = before(response)
            content = response._get_param("Message")
            people = _addresses(response._get_param("Destination", {}))
            self._deliver(result.result["MessageId"], response._get_param("Source"), people, content)
            return result

        return send_email

    def _raw(self, before: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def send_raw_email(response: Any) -> Any:
            result = before(response)
            raw = response._get_param("RawMessage.Data")
            self._deliver_raw(result.result["MessageId"], raw, response._get_param("Destinations", []))
            return result

        return send_raw_email

    def _second(self, before: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def send_email(response: Any) -> Any:
            request = json.loads(response.body)
            content = request["Content"]
            if "Template" in content:
                raise NotImplementedByEmbeddedAws("SES templates")
            answer = before(response)
            message_id, people = json.loads(answer)["MessageId"], _addresses(request.get("Destination", {}))
            if "Raw" in content:
                self._deliver_raw(message_id, base64.b64decode(content["Raw"]["Data"]), people)
            else:
                self._deliver(message_id, request["FromEmailAddress"], people, content["Simple"])
            return answer

        return send_email

    def _deliver(self, message_id: str, sender: str, people: list[str], content: dict[str, Any]) -> None:
        body = content["Body"]
        for person in people:
            self._inbox.put(
                to=person,
                sender=sender,
                subject=content["Subject"]["Data"],
                text=body.get("Text", {}).get("Data", ""),
                html=body.get("Html", {}).get("Data"),
                sent_at=self._aws.clock.iso(),
                message_id=message_id,
            )

    def _deliver_raw(self, message_id: str, raw: bytes, people: list[str]) -> None:
        parsed = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)  # noqa: S101 - the default policy makes these
        headers = [address.addr_spec for name in ("to", "cc", "bcc") for address in _header(parsed, name)]
        for person in people or headers:
            self._inbox.put(
                to=person,
                sender=str(parsed["from"]),
                subject=str(parsed["subject"] or ""),
                text=_part(parsed, "plain") or "",
                html=_part(parsed, "html"),
                sent_at=self._aws.clock.iso(),
                message_id=message_id,
            )


def _addresses(destination: dict[str, list[str]]) -> list[str]:
    kinds = ("ToAddresses", "CcAddresses", "BccAddresses")
    return [address for kind in kinds for address in destination.get(kind) or []]


def _header(parsed: EmailMessage, name: str) -> tuple[Any, ...]:
    header = parsed[name]
    return () if header is None else tuple(header.addresses)


def _part(parsed: EmailMessage, kind: str) -> str | None:
    part = parsed.get_body((kind,))
    return None if part is None else str(part.get_content())


def _refused(name: str) -> Callable[[Any], Any]:
    def refuse(_: Any) -> Any:
        raise NotImplementedByEmbeddedAws(f"SES {name}")

    return refuse
