"""`fmops redrive`: what could not be done, and doing it again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

import typer
from botocore.exceptions import ClientError

from fmops_cli.dead_letters import Letter, UnknownLetterError, letter
from fmops_cli.failures import CommandFailed
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.options import table as new_table
from fmops_cli.target import Target

# While they are looked at, nobody else gets them; what is not sent again is put back.
_HELD_SECONDS = 300


class Held(NamedTuple):
    """A message that nobody else gets for now; without a letter there is a problem in it."""

    receipt: str
    letter: Letter | None
    problem: str


def redrive(
    yes: Annotated[bool, typer.Option("--yes", help="Send all of them again without asking.")] = False,
    only: Annotated[str | None, typer.Option(help="Only what is for this function or state machine.")] = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Show what lies in the dead-letter queue, and send it again.

    What is sent twice does no harm: every journey and function claims its work first. With --json and without --yes
    nothing is sent.
    """
    target = find(stack)
    queue = target.output("DeadLettersUrl")
    held = list(received(target, queue))
    chosen = [one for one in held if one.letter and (only is None or only in one.letter.target)]
    sent: list[Held] = []
    failed: list[str] = []
    try:
        if not as_json:
            _show(held, chosen)
        if chosen and (yes or (not as_json and typer.confirm(f"Send {_count(len(chosen))} again?"))):
            for one in chosen:
                problem = send(target, one)
                if problem is None:
                    target.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=one.receipt)
                    sent.append(one)
                else:
                    failed.append(problem)
    finally:
        for one in held:
            if one not in sent:
                target.client("sqs").change_message_visibility(
                    QueueUrl=queue, ReceiptHandle=one.receipt, VisibilityTimeout=0
                )
    if as_json:
        print_json({"messages": [_plain(one, one in sent) for one in held], "sent": len(sent), "failed": failed})
    elif sent:
        out.print(f"{_count(len(sent))} sent again; what fails again comes back here")
    if failed:
        raise CommandFailed(f"{_count(len(failed))} could not be sent and stay in the queue: {'; '.join(failed)}")


def received(target: Target, queue: str) -> Iterator[Held]:
    """All that lies in the queue."""
    while True:
        answer = target.client("sqs").receive_message(
            QueueUrl=queue,
            MaxNumberOfMessages=10,
            VisibilityTimeout=_HELD_SECONDS,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        if not answer.get("Messages"):
            return
        for message in answer["Messages"]:
            try:
                yield Held(message["ReceiptHandle"], letter(message), "")
            except UnknownLetterError as error:
                yield Held(message["ReceiptHandle"], None, str(error))


def send(target: Target, held: Held) -> str | None:
    """Send it to its target once more; what went wrong, or None."""
    found = held.letter
    if found is None:
        return held.problem
    try:
        match found.target_arn.split(":")[2]:
            case "lambda":
                target.client("lambda").invoke(
                    FunctionName=found.target_arn, InvocationType="Event", Payload=found.payload.encode()
                )
            case "states":
                target.client("stepfunctions").start_execution(stateMachineArn=found.target_arn, input=found.payload)
            case service:
                return f"{found.what}: nobody here sends to {service}"
    except ClientError as error:
        return f"{found.what} for {found.target}: {error.response['Error']['Message']}"
    return None


def _show(held: list[Held], chosen: list[Held]) -> None:
    if not held:
        out.print("The dead-letter queue is empty: everything got through.")
        return
    table = new_table("since (UTC)", "what", "for", "why it was not done")
    for one in chosen:
        if one.letter:
            since = datetime.fromtimestamp(one.letter.sent_at, UTC).strftime("%Y-%m-%d %H:%M")
            table.add_row(since, one.letter.what, one.letter.target, one.letter.error)
    out.print(table)
    for one in held:
        if one.problem:
            out.print(f"not ours, stays in the queue: {one.problem}")
    if left := len(held) - len(chosen) - sum(one.letter is None for one in held):
        out.print(f"{_count(left)} for others stay{'s' if left == 1 else ''} in the queue")


def _plain(held: Held, sent: bool) -> dict[str, Any]:
    if held.letter is None:
        return {"problem": held.problem, "sent": False}
    return {**held.letter._asdict(), "sent": sent}


def _count(number: int) -> str:
    return f"{number} message{'' if number == 1 else 's'}"
