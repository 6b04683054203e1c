"""`fmops audit`: what was done in a run, row by row, and whether that can be proven."""

import json
import ssl
from pathlib import Path
from typing import Annotated, Any

import typer

from fmops.approval import records as approvals
from fmops.approval import trail as of_approval
from fmops.audit import proof, records
from fmops.audit.chain import Fault, Row, Step
from fmops.audit.keys import of_spki
from fmops.audit.vault import Vault
from fmops.core.ids import canonical_json
from fmops.evaluation import trail as of_evaluation
from fmops.evaluation.places import RunPlaces
from fmops.evaluation.reviews import counting
from fmops.evaluation.reviews import records as reviews
from fmops.monitoring import accepting
from fmops.release import records as releases
from fmops.release import trail as of_release
from fmops.signin.rs256 import PublicKey
from fmops_cli.failures import CommandFailed
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.options import table as new_table
from fmops_cli.runs import RunId
from fmops_cli.target import Target

app = typer.Typer(help="The audit of a run: a chain of rows with a signed head.", no_args_is_help=True)

Document = dict[str, Any]


@app.command("show")
def show(run_id: RunId, stack: Stack = None, as_json: AsJson = False) -> None:
    """Print the rows of a run's audit."""
    rows, damaged = records.stored(find(stack).ledger, run_id)
    if not rows and not damaged:
        raise CommandFailed(f"the audit of {run_id} has no rows; `fmops runs` lists the runs")
    if as_json:
        print_json([{**row.model_dump(mode="json"), "facts": json.loads(row.facts)} for row in rows])
        return
    table = new_table("row", "what", "of", "at", "facts", "hash")
    for row in rows:
        table.add_row(str(row.number), row.step.value, row.subject, row.at[:19], _short(row), row.hash[7:19])
    out.print(table)
    for fault in damaged:
        out.print(f"NO   {fault.what}")


@app.command("verify")
def verify(
    run_id: RunId,
    public_key: Annotated[
        Path | None,
        typer.Option(help="The public half of the signing key, PEM or DER; without it KMS is asked.", exists=True),
    ] = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Prove a run's audit: rows, signed heads, and the objects and records that the rows name."""
    target = find(stack)
    found = prove(target, run_id, _key(target, public_key))
    if as_json:
        print_json(found)
    else:
        for fault in found["faults"]:
            out.print(f"NO   {fault['what']}")
        out.print(f"{found['rows']} rows, {found['signed']} of them signed, {found['heads']} heads under lock")
        if found["rows"] > found["signed"]:
            out.print("the rows behind the last head are signed with the next decision or release")
    if found["faults"]:
        raise CommandFailed(f"the audit of {run_id} does not hold: {found['faults'][0]['what']}")
    if not as_json:
        out.print("yes  every row follows the one before, and every signed row is as it was signed")


def prove(target: Target, run_id: str, key: PublicKey) -> Document:
    """What holds of a run's audit. CommandFailed where there is none."""
    rows, damaged = records.stored(target.ledger, run_id)
    heads = Vault(target.client("s3"), target.output("AuditBucketName")).heads(run_id)
    if not rows and not heads and not damaged:
        raise CommandFailed(f"the audit of {run_id} has no rows; `fmops runs` lists the runs")
    found = proof.prove(run_id, rows, heads, key)
    faults = [*damaged, *found.faults, *proof.replaced(target.store, rows), *_otherwise(target, rows)]
    return {
        "run_id": run_id,
        "holds": not faults,
        "rows": found.rows,
        "signed": found.signed,
        "heads": len(heads),
        "faults": [{"row": fault.number, "what": fault.what} for fault in faults],
    }


def _otherwise(target: Target, rows: list[Row]) -> list[Fault]:
    """Records of the ledger that say otherwise than the rows about them."""
    found = []
    for row in proof.newest(rows):
        match row.step:
            case Step.DECISION:
                said = of_approval.facts(approvals.load(target.ledger, row.run_id))
            case Step.REVIEW:
                said = _votes(target, row)
            case Step.RELEASE:
                said = of_release.facts(releases.load(target.ledger, row.subject))
            case Step.BASELINE:
                accepted = accepting.find(target.ledger, row.run_id, row.subject)
                if accepted is None:
                    # It ended between the row and the record: then it holds for no window.
                    continue
                said = accepting.facts(target.store, accepted)
            case _:
                continue
        if canonical_json(said) != row.facts:
            found.append(Fault(row.number, f"the ledger's record says otherwise than {row.name}"))
    return found


def _votes(target: Target, row: Row) -> Document:
    """What the ballots say now; what they were counted to are objects of the row."""
    places = RunPlaces(target.output("ArtifactsBucketName"), row.run_id)
    found = counting.add_up(target.ledger, target.store, places, reviews.load(target.ledger, row.run_id))
    return {**of_evaluation.review_facts(found), proof.OBJECTS: json.loads(row.facts)[proof.OBJECTS]}


def _key(target: Target, file: Path | None) -> PublicKey:
    if file is None:
        answer = target.client("kms").get_public_key(KeyId=target.output("AuditKeyArn"))
        return of_spki(answer["PublicKey"])
    content = file.read_bytes()
    text = content.decode("ascii", "replace").strip()
    if text.startswith("-----BEGIN PUBLIC KEY-----"):
        body = text.replace("PUBLIC KEY", "CERTIFICATE")
        content = ssl.PEM_cert_to_DER_cert(body)
    return of_spki(content)


def _short(row: Row) -> str:
    facts = json.loads(row.facts)
    told = [f"{name} {value}" for name, value in facts.items() if isinstance(value, str) and value]
    return ", ".join(told)[:200]
