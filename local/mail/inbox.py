"""Where mails are kept: on disk, one file each, newest first for whoever reads."""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mail:
    """A mail in one person's inbox."""

    number: int
    """Counts from 1 in the order of arrival; names the file."""
    to: str
    sender: str
    subject: str
    text: str
    html: str | None
    sent_at: str
    """ISO 8601, by the embedded clock."""
    message_id: str
    topic: str | None
    """ARN of the SNS topic that it came from; None for SES."""

    def as_dict(self) -> dict[str, Any]:
        """As it lies on disk: `from` for the sender, no number."""
        document = asdict(self)
        del document["number"]
        return {"to": document.pop("to"), "from": document.pop("sender"), **document}


class Inbox:
    """Every mail is a file `NNNN.json` below the folder. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arrived = threading.Condition()
        folder.mkdir(parents=True, exist_ok=True)
        self._mails = [_read(path) for path in sorted(folder.glob("*.json"))]

    def put(
        self,
        *,
        to: str,
        sender: str,
        subject: str,
        text: str,
        sent_at: str,
        message_id: str,
        html: str | None = None,
        topic: str | None = None,
    ) -> Mail:
        """Deliver a mail."""
        with self._arrived:
            number = self._mails[-1].number + 1 if self._mails else 1
            mail = Mail(number, to, sender, subject, text, html, sent_at, message_id, topic)
            _write(self._folder / f"{number:04d}.json", mail)
            self._mails.append(mail)
            self._arrived.notify_all()
        logger.info("mail %d to %s: %s", number, to, subject)
        return mail

    def put_back(self, mails: list[Mail]) -> None:
        """Hold these mails only, as they were held before a restart."""
        with self._arrived:
            for file in self._folder.glob("*.json"):
                file.unlink()
            for mail in mails:
                _write(self._folder / f"{mail.number:04d}.json", mail)
            self._mails = mails
            self._arrived.notify_all()

    def messages(self, to: str | None = None) -> list[Mail]:
        """The mails, newest first; those to one person only if asked."""
        with self._arrived:
            return [mail for mail in reversed(self._mails) if to in (None, mail.to)]

    def wait_for(self, predicate: Callable[[Mail], bool], timeout: float) -> Mail | None:
        """The newest mail that the predicate accepts, waited for `timeout` real seconds; None if none came."""
        with self._arrived:

            def newest() -> Mail | None:
                return next((mail for mail in reversed(self._mails) if predicate(mail)), None)

            self._arrived.wait_for(lambda: newest() is not None, timeout)
            return newest()


def _read(path: Path) -> Mail:
    document = json.loads(path.read_text(encoding="utf-8"))
    return Mail(**{"number": int(path.stem), "sender": document.pop("from"), **document})


def _write(path: Path, mail: Mail) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(mail.as_dict(), indent=1, ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)
