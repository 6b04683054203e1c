"""The table that remembers, as verbs. Rooms own the shape of their records; only this file knows DynamoDB."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from fmops.core.clock import iso
from fmops.core.errors import AlreadyExists, Duplicate, LedgerBusy, NotFound, StaleTransition
from fmops.core.events import Emitter, Event
from fmops.core.ledger_items import Key as Key
from fmops.core.ledger_items import Record as Record
from fmops.core.ledger_items import Update, dynamo, emit_attributes, item_of, kind_attributes, record_of

if TYPE_CHECKING:
    from fmops.core.transactions import Part

_BY_KIND = "by_kind"
_PENDING = "pending"


class Pending(NamedTuple):
    """An event that was written down and not yet acknowledged."""

    key: Key
    detail_type: str
    detail: str
    since: str


class Ledger:
    """Reads and conditional writes. Records are kept for ever: there is no verb to delete."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        """`dynamodb` is a boto3 client of DynamoDB."""
        self._dynamodb, self._table = dynamodb, table

    def get(self, key: Key) -> Record | None:
        """The record as it is now (a consistent read), or None."""
        answer = self._dynamodb.get_item(TableName=self._table, Key=key.dynamo(), ConsistentRead=True)
        return record_of(answer["Item"]) if "Item" in answer else None

    def require(self, key: Key) -> Record:
        """The record. NotFound where there is none."""
        record = self.get(key)
        if record is None:
            raise NotFound(f"the ledger holds no {key.sk} for {key.pk}")
        return record

    def put_once(
        self, key: Key, record: Mapping[str, Any], *, kind: str, now: datetime, emit: Event | None = None
    ) -> None:
        """Write a record that must be written once. AlreadyExists where it is there.

        `kind` and `now` place it in the list of its kind; `emit` is announced by `announce`, or else by the reconciler.
        """
        item = item_of(key, record, kind, now, emit)
        try:
            self._dynamodb.put_item(TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except ClientError as error:
            if _is_conflict(error):
                raise AlreadyExists(f"the ledger holds {key.sk} of {key.pk} already") from error
            raise

    def put_new(
        self, key: Key, record: Mapping[str, Any], *, kind: str, now: datetime, emit: Event | None = None
    ) -> bool:
        """As `put_once`, where it is no fault that somebody was faster; whether it was written now."""
        try:
            self.put_once(key, record, kind=kind, now=now, emit=emit)
        except AlreadyExists:
            return False
        return True

    def put(self, key: Key, record: Mapping[str, Any], *, kind: str, now: datetime) -> None:
        """Write a document of which only the newest counts."""
        self._dynamodb.put_item(TableName=self._table, Item=item_of(key, record, kind, now, None))

    def claim(self, key: Key, owner: str, record: Mapping[str, Any], *, kind: str, now: datetime) -> Record:
        """Take a piece of work for `owner` (an execution ARN); its record.

        The same owner may claim again (a retry, a redrive). Duplicate for any other.
        """
        try:
            self.put_once(key, {**record, "owner": owner}, kind=kind, now=now)
        except AlreadyExists as error:
            found = self.require(key)
            if found.get("owner") != owner:
                raise Duplicate(f"{key.pk} was claimed by {found.get('owner')}") from error
            return found
        return self.require(key)

    def transition(
        self,
        key: Key,
        before: Iterable[str],
        after: str,
        changes: Mapping[str, Any] | None = None,
        *,
        now: datetime,
        kind: str | None = None,
        emit: Event | None = None,
        unchanged: Mapping[str, Any] | None = None,
    ) -> Record:
        """Move `status` from one of `before` to `after` and write `changes` with it, in one conditional write.

        `kind` moves the record to the list of another kind, in its place by age. `unchanged` names members that must
        still have these values, for changes that rest on what was read. Returns the record as it is then.
        StaleTransition where the status or such a member is another (or there is no record).
        """
        allowed = list(before)
        update = Update(
            {**(changes or {}), "status": after, "updated_at": iso(now)},
            {**kind_attributes(kind), **emit_attributes(emit, now)},
        )
        names = {f":before{i}": {"S": status} for i, status in enumerate(allowed)}
        read = list((unchanged or {}).items())
        condition = f"#status IN ({', '.join(names)})" + "".join(f" AND #read{i} = :read{i}" for i in range(len(read)))
        try:
            answer = self._dynamodb.update_item(
                TableName=self._table,
                Key=key.dynamo(),
                UpdateExpression=update.expression,
                ConditionExpression=condition,
                ExpressionAttributeNames={
                    **update.names,
                    "#status": "status",
                    **{f"#read{i}": name for i, (name, _) in enumerate(read)},
                },
                ExpressionAttributeValues={
                    **update.values,
                    **names,
                    **{f":read{i}": dynamo(value) for i, (_, value) in enumerate(read)},
                },
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if _is_conflict(error):
                found = self.get(key)
                state = found.get("status") if found else "missing"
                changed = f", or its {', '.join(name for name, _ in read)} changed" if read else ""
                raise StaleTransition(f"{key.sk} of {key.pk} is {state}, not one of {allowed}{changed}") from error
            raise
        return record_of(answer["Attributes"])

    def change(self, key: Key, changes: Mapping[str, Any], *, now: datetime) -> Record:
        """Write members of a record that exists. NotFound where it does not."""
        update = Update({**changes, "updated_at": iso(now)}, {})
        try:
            answer = self._dynamodb.update_item(
                TableName=self._table,
                Key=key.dynamo(),
                UpdateExpression=update.expression,
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeNames=update.names,
                ExpressionAttributeValues=update.values,
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if _is_conflict(error):
                raise NotFound(f"the ledger holds no {key.sk} for {key.pk}") from error
            raise
        return record_of(answer["Attributes"])

    def transact(self, parts: "Sequence[Part]") -> None:
        """Write all parts or none. The first part whose condition does not hold raises its own error.

        LedgerBusy where another transaction has one of the records just now: it helps to try again.
        """
        try:
            self._dynamodb.transact_write_items(TransactItems=[part.write(self._table) for part in parts])
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in ("TransactionCanceledException", "TransactionInProgressException"):
                raise
            reasons = error.response.get("CancellationReasons", [])
            for part, reason in zip(parts, reasons, strict=False):
                if reason.get("Code") == "ConditionalCheckFailed":
                    raise part.refusal() from error
            raise LedgerBusy(f"the ledger is written to by others: {code}") from error

    def records(self, pk: str, sk_prefix: str = "") -> list[Record]:
        """All records about one thing whose sort key begins so, in the order of the sort key."""
        values: Record = {":pk": {"S": pk}}
        condition = "pk = :pk"
        if sk_prefix:
            values[":sk"] = {"S": sk_prefix}
            condition += " AND begins_with(sk, :sk)"
        return [record_of(item) for item in self._query(condition, values, ConsistentRead=True)]

    def of_kind(
        self, kind: str, *, newest: int | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> list[Record]:
        """The records of a kind, newest first; at most `newest` of them. Up to a second behind the writes.

        With `since` and `until` those that were put between them, the end excluded.
        """
        condition, values = "gsi_kind = :kind", {":kind": {"S": kind}}
        if since is not None and until is not None:
            # What follows the time in the sort key is greater than nothing at all.
            condition += " AND gsi_sort BETWEEN :since AND :until"
            values |= {":since": {"S": iso(since)}, ":until": {"S": iso(until)}}
        items = self._query(condition, values, IndexName=_BY_KIND, ScanIndexForward=False, limit=newest)
        return [record_of(item) for item in items]

    def announce(self, key: Key, emitter: Emitter) -> None:
        """Put the event that the record carries on the bus, then take the intent off. Twice is no harm."""
        item = self._dynamodb.get_item(TableName=self._table, Key=key.dynamo(), ConsistentRead=True).get("Item", {})
        if "emit_pending" not in item:
            return
        emitter.emit_raw(item["emit_type"]["S"], item["emit_detail"]["S"])
        # Only this very intent is acknowledged: a later one on the same record is still to be announced.
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=key.dynamo(),
                UpdateExpression="REMOVE emit_pending",
                ConditionExpression="emit_detail = :detail",
                ExpressionAttributeValues={":detail": item["emit_detail"]},
            )
        except ClientError as error:
            if not _is_conflict(error):
                raise

    def pending(self) -> list[Pending]:
        """Events that were written down and not acknowledged, oldest first."""
        items = self._query("emit_pending = :yes", {":yes": {"S": "yes"}}, IndexName=_PENDING)
        return [
            Pending(
                Key(item["pk"]["S"], item["sk"]["S"]),
                item["emit_type"]["S"],
                item["emit_detail"]["S"],
                item["emit_since"]["S"],
            )
            for item in items
        ]

    def _query(self, condition: str, values: Record, *, limit: int | None = None, **options: Any) -> Iterator[Record]:
        request = {
            "TableName": self._table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            **options,
        }
        given = 0
        while True:
            answer = self._dynamodb.query(**request, **({"Limit": limit - given} if limit is not None else {}))
            for item in answer["Items"]:
                given += 1
                yield item
            if "LastEvaluatedKey" not in answer or (limit is not None and given >= limit):
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _is_conflict(error: ClientError) -> bool:
    return bool(error.response["Error"]["Code"] == "ConditionalCheckFailedException")
