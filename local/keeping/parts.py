"""The clock, and the state of our own services: SageMaker, Step Functions, CloudWatch and the mailbox."""

from collections.abc import Callable, Mapping

from local.clock import Clock
from local.cloudwatch.alarms import Alarms
from local.cloudwatch.store import MetricStore
from local.keeping.store import Packed, Store, packed, unpacked
from local.mail.inbox import Inbox
from local.sagemaker.records import Records
from local.sagemaker.registry import Registry
from local.sagemaker.tags import Tags
from local.states.executions import Executions


class Time(Store):
    """How far the clock was moved forward: it never goes back."""

    name = "clock"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def take(self) -> dict[str, bytes]:
        return {"offset": packed(self._clock.offset)}

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        for entry in entries.values():
            self._clock.advance(max(0.0, unpacked(entry) - self._clock.offset))


class Resources(Store):
    """SageMaker's resources of one kind."""

    def __init__(self, name: str, records: Records, settle: Callable[[], None] | None = None) -> None:
        """`settle` ends what was in flight; without it there is nothing that can be."""
        self.name = f"sagemaker.{name}"
        self._records = records
        self._settle = settle
        self._packed = Packed()

    def take(self) -> dict[str, bytes]:
        return self._packed.all(self._records.kept())

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        self._records.put_back({name: unpacked(entry) for name, entry in entries.items()})

    def settle(self) -> None:
        if self._settle:
            self._settle()


class PackageVersions(Store):
    """The registry's newest version numbers by group: none is given twice."""

    name = "sagemaker.package-versions"

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def take(self) -> dict[str, bytes]:
        return {group: packed((group, number)) for group, number in list(self._registry.versions.items())}

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        self._registry.versions.update(map(unpacked, entries.values()))


class ResourceTags(Store):
    """The tags of SageMaker's resources."""

    name = "sagemaker.tags"

    def __init__(self, tags: Tags) -> None:
        self._tags = tags

    def take(self) -> dict[str, bytes]:
        return {arn: packed(tags) for arn, tags in self._tags.kept().items()}

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        self._tags.put_back({arn: unpacked(entry) for arn, entry in entries.items()})


class Journeys(Store):
    """Step Functions' executions with their histories, but for the children of distributed maps."""

    name = "states"

    def __init__(self, executions: Executions) -> None:
        self._executions = executions
        self._known: dict[str, tuple[tuple[object, ...], bytes]] = {}

    def take(self) -> dict[str, bytes]:
        now = self._executions.kept(lambda arn, mark: self._known.get(arn, ((), b""))[0] == mark)
        self._known = {
            arn: (mark, self._known[arn][1] if record is None else packed(record))
            for arn, (mark, record) in now.items()
        }
        return {arn: entry for arn, (_, entry) in self._known.items()}

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        self._executions.put_back([unpacked(entry) for entry in entries.values()])

    def settle(self) -> None:
        self._executions.abort_lost()


class Mails(Store):
    """The mailbox."""

    name = "mails"

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._packed = Packed()

    def take(self) -> dict[str, bytes]:
        return self._packed.all({str(mail.number): mail for mail in self._inbox.messages()})

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        self._inbox.put_back(sorted(map(unpacked, entries.values()), key=lambda mail: mail.number))


class Metrics(Store):
    """What was measured: one entry for each metric."""

    name = "cloudwatch.metrics"

    def __init__(self, metrics: MetricStore) -> None:
        self._metrics = metrics
        self._known: dict[str, tuple[int, bytes]] = {}

    def take(self) -> dict[str, bytes]:
        for key, count in self._metrics.counts().items():
            name = repr((key.namespace, key.name, sorted(key.dimensions)))
            if self._known.get(name, (0, b""))[0] != count:
                self._known[name] = (count, packed((key, self._metrics.samples(key))))
        return {name: entry for name, (_, entry) in self._known.items()}

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        for key, samples in map(unpacked, entries.values()):
            self._metrics.replace(key, samples)


class AlarmStates(Store):
    """In which state alarms are: one that was told is not told again."""

    name = "cloudwatch.alarms"

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms

    def take(self) -> dict[str, bytes]:
        return {name: packed(state) for name, state in self._alarms.kept().items()}

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        self._alarms.put_back({name: unpacked(entry) for name, entry in entries.items()})
