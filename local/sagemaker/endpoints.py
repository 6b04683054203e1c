"""Endpoints: their operations, and the change from one fleet of processes to the next."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from local.protocol import AwsError, Caller, NotImplementedByEmbeddedAws
from local.sagemaker.deployments import Deployment, Step, deployment
from local.sagemaker.faults import NO_ENDPOINT_CAPACITY
from local.sagemaker.listing import Listing
from local.sagemaker.machine import Machine
from local.sagemaker.models import Models
from local.sagemaker.records import Record, Records, arn, invalid, pick, plain
from local.sagemaker.serving import Artifacts, Fleet, NotServing
from local.sagemaker.shifting import RolledBack, Shift
from local.sagemaker.traffic import Route, Traffic

logger = logging.getLogger(__name__)

_LISTING = Listing(
    answer="Endpoints",
    members=("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus"),
    name="EndpointName",
    status="EndpointStatus",
)
_EVENT = "SageMaker Endpoint State Change"
_DEPLOYMENT_EVENT = "SageMaker Endpoint Deployment State Change"
_EVENT_MEMBERS = (
    "EndpointName",
    "EndpointArn",
    "EndpointConfigName",
    "ProductionVariants",
    "CreationTime",
    "LastModifiedTime",
)
# Events spell an endpoint's status in upper case, the API does not.
_EVENT_STATUS = {
    "Creating": "CREATING",
    "InService": "IN_SERVICE",
    "Updating": "UPDATING",
    "RollingBack": "ROLLING_BACK",
    "Failed": "FAILED",
    "Deleting": "DELETING",
}
_FAILED = "Request to service failed. If failure persists, retry."
_IN_PROGRESS = ("Creating", "Updating", "RollingBack", "Deleting")


class Endpoints:
    """The operations on endpoints, and the fleets that serve."""

    operations = ("create_endpoint", "describe_endpoint", "update_endpoint", "delete_endpoint", "list_endpoints")

    def __init__(self, machine: Machine, models: Models) -> None:
        self._machine = machine
        self._models = models
        self._artifacts = Artifacts(machine)
        self.records = Records(lambda name: invalid(f'Could not find endpoint "{arn("endpoint", name)}".'))
        self.traffic = Traffic()
        self._lock = threading.Lock()
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def create_endpoint(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        name, endpoint_arn = request["EndpointName"], arn("endpoint", request["EndpointName"])
        config = self._models.config(request["EndpointConfigName"])
        self._check_quota(config)
        now = self._machine.clock.datetime()
        record = {
            "EndpointName": name,
            "EndpointArn": endpoint_arn,
            "EndpointConfigName": request["EndpointConfigName"],
            "EndpointStatus": "Creating",
            "CreationTime": now,
            "LastModifiedTime": now,
            **({"LastDeploymentConfig": request["DeploymentConfig"]} if "DeploymentConfig" in request else {}),
        }
        self.records.create(name, record, invalid(f'Cannot create already existing endpoint "{endpoint_arn}".'))
        self._machine.tags.create(endpoint_arn, request.get("Tags", ()))
        self._tell(record)
        self._begin(self._create, name, config)
        return {"EndpointArn": endpoint_arn}

    def describe_endpoint(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return self.records.get(request["EndpointName"])

    def list_endpoints(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        return _LISTING.answer_to(request, self.records.all())

    def update_endpoint(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        name = request["EndpointName"]
        config = self._models.config(request["EndpointConfigName"])
        if request.get("RetainAllVariantProperties") or request.get("ExcludeRetainedVariantProperties"):
            raise NotImplementedByEmbeddedAws("updates that retain variant properties")
        current = self.records.get(name)
        asked = request.get("DeploymentConfig")
        if asked is None and request.get("RetainDeploymentConfig"):
            asked = current.get("LastDeploymentConfig")
        planned = deployment(asked, _instances(config))
        if current["EndpointStatus"] == "InService":
            # Both fleets run until the old one is terminated.
            self._check_quota(config)

        def updating(record: Record) -> None:
            if record["EndpointStatus"] != "InService":
                raise invalid(f'Cannot update in-progress endpoint "{record["EndpointArn"]}".')
            self._enter(record, "Updating")
            record.pop("FailureReason", None)
            record.pop("LastDeploymentConfig", None)
            if asked:
                record["LastDeploymentConfig"] = asked
            record["PendingDeploymentSummary"] = self._pending(config, "Creating", 0, "")

        record = self.records.update(name, updating)
        self._tell(record)
        self._begin(self._update, name, config, planned)
        return {"EndpointArn": record["EndpointArn"]}

    def delete_endpoint(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        name = request["EndpointName"]
        refused = self._machine.faults.takes_refusal("delete_endpoint", name)
        if refused:
            raise invalid(refused)

        def deleting(record: Record) -> None:
            if record["EndpointStatus"] in _IN_PROGRESS:
                raise invalid(f'Cannot update in-progress endpoint "{record["EndpointArn"]}".')
            self._enter(record, "Deleting")

        self._tell(self.records.update(name, deleting))
        self._begin(self._delete, name)
        return {}

    def route(self, name: str, wanted: str | None = None) -> Route | None:
        """Who answers the next call; None when the endpoint does not serve."""
        return self.traffic.route(name, wanted)

    def settle(self) -> None:
        """After a restart: serve again what served, and end the changes that were under way."""
        for record in self.records.all():
            name, status = record["EndpointName"], record["EndpointStatus"]
            if status == "Deleting":
                self._delete(name)
            elif status == "Creating":
                self._move(name, "Failed", FailureReason=_FAILED)
            elif status != "Failed":
                if status != "InService":
                    self._move(name, "InService", remove=("PendingDeploymentSummary",), FailureReason=_FAILED)
                self._begin(self._serve_again, name, self._models.config(record["EndpointConfigName"]))

    def abandon(self) -> None:
        """Say nothing of what happens to endpoints from now on."""
        self._stopping = True
        self._machine.clock.notify()

    def join(self) -> None:
        """Close what served, and wait for the threads that change endpoints."""
        fleets = self.traffic.close()
        with self._lock:
            threads = list(self._threads)
        for fleet in fleets:
            fleet.stop()
        for thread in threads:
            thread.join(30)

    def _create(self, name: str, config: Record) -> None:
        self._hold(name)
        if self._machine.faults.takes_capacity(name):
            self._move(name, "Failed", FailureReason=NO_ENDPOINT_CAPACITY)
            return
        try:
            fleet = self._started(name, config)
        except NotServing as failure:
            self._move(name, "Failed", FailureReason=str(failure))
            return
        self._serve(name, fleet)
        self._move(name, "InService", **self._described(config))

    def _serve_again(self, name: str, config: Record) -> None:
        try:
            fleet = self._started(name, config)
        except NotServing as failure:
            self._move(name, "Failed", FailureReason=str(failure))
            return
        self._serve(name, fleet)
        if name not in self.records:
            # Somebody deleted it meanwhile.
            self.traffic.remove(name)
            fleet.stop()

    def _update(self, name: str, config: Record, planned: Deployment) -> None:
        """Start the new fleet, shift the traffic in its steps, stop the old one; or leave the old one as it was."""
        fleet: Fleet | None = None
        begun = self._machine.clock.now()
        role = self._role(config)
        shift = Shift(self._machine, self.traffic, name, role, planned, begun)
        try:
            self._tell_deployment(self.records.get(name))
            self._hold(name)
            shift.refuse_alarms()
            if self._machine.faults.takes_capacity(name):
                raise NotServing(NO_ENDPOINT_CAPACITY)
            fleet = self._started(name, config)
            shift.run(fleet, lambda step: self._baking(name, config, planned, step), lambda: self._stopping)
        except (NotServing, RolledBack) as failure:
            self._move(name, "RollingBack")
            if fleet is not None:
                fleet.stop()
            self._move(name, "InService", remove=("PendingDeploymentSummary",), FailureReason=str(failure))
            return
        old = self._serve(name, fleet)
        if old is not None:
            old.stop()
        described = {"EndpointConfigName": config["EndpointConfigName"], **self._described(config)}
        self._move(name, "InService", remove=("PendingDeploymentSummary",), **described)

    def _hold(self, name: str) -> None:
        """Go no further for as long as a fault keeps the endpoint."""
        faults, clock = self._machine.faults, self._machine.clock
        while faults.holds(name) and not self._stopping:
            clock.wait(clock.now() + 1, lambda: self._stopping)

    def _role(self, config: Record) -> str:
        try:
            return self._models.servable(config["ProductionVariants"][0]["ModelName"]).role
        except AwsError:
            return ""

    def _baking(self, name: str, config: Record, planned: Deployment, step: Step) -> None:
        if self._stopping:
            return
        summary = self._pending(config, "Baking", step.on, planned.message(step))
        self._tell_deployment(self.records.update(name, lambda record: record.update(PendingDeploymentSummary=summary)))

    def _pending(self, config: Record, status: str, on: int, message: str) -> Record:
        """DescribeEndpoint's PendingDeploymentSummary; the first variant's instances stand for all."""
        now = self._machine.clock.datetime()
        entry = {"Status": status, "StartTime": now, **({"StatusMessage": message} if message else {})}
        variants = []
        for variant in config["ProductionVariants"]:
            weight = variant.get("InitialVariantWeight", 1.0)
            variants.append(
                {
                    "VariantName": variant["VariantName"],
                    "CurrentWeight": weight,
                    "DesiredWeight": weight,
                    "CurrentInstanceCount": on,
                    "DesiredInstanceCount": variant.get("InitialInstanceCount", 1),
                    "VariantStatus": [entry],
                }
            )
        return {"EndpointConfigName": config["EndpointConfigName"], "ProductionVariants": variants, "StartTime": now}

    def _delete(self, name: str) -> None:
        fleet = self.traffic.remove(name)
        if fleet is not None:
            fleet.stop()
        record = self.records.remove(name)
        self._machine.tags.remove(record["EndpointArn"])

    def _started(self, name: str, config: Record) -> Fleet:
        fleet = Fleet(self._machine, name, config)
        try:
            variants = [
                (variant, self._models.servable(variant["ModelName"])) for variant in config["ProductionVariants"]
            ]
        except AwsError as error:
            raise NotServing(error.message) from error
        fleet.start(variants, self._artifacts)
        return fleet

    def _serve(self, name: str, fleet: Fleet) -> Fleet | None:
        """Send the endpoint's traffic to the fleet; the one before it is returned."""
        old = self.traffic.serving(name)
        if not self.traffic.serve(name, fleet):
            fleet.stop()
            return None
        return old

    def _described(self, config: Record) -> Record:
        """What DescribeEndpoint shows of the configuration that serves."""
        now = self._machine.clock.datetime()
        described: Record = {
            "ProductionVariants": [self._variant(variant, now) for variant in config["ProductionVariants"]]
        }
        capture = config.get("DataCaptureConfig")
        if capture:
            described["DataCaptureConfig"] = {
                "EnableCapture": capture.get("EnableCapture", False),
                "CaptureStatus": "Started" if capture.get("EnableCapture") else "Stopped",
                "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
                "DestinationS3Uri": capture["DestinationS3Uri"],
                "KmsKeyId": capture.get("KmsKeyId", ""),
            }
        return described

    def _variant(self, variant: Record, now: Any) -> Record:
        image = self._models.servable(variant["ModelName"]).container.get("Image", "")
        weight, count = variant.get("InitialVariantWeight", 1.0), variant.get("InitialInstanceCount", 1)
        return {
            "VariantName": variant["VariantName"],
            "DeployedImages": [{"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": now}],
            "CurrentWeight": weight,
            "DesiredWeight": weight,
            "CurrentInstanceCount": count,
            "DesiredInstanceCount": count,
        }

    def _move(self, name: str, status: str, *, remove: tuple[str, ...] = (), **members: Any) -> None:
        if self._stopping:
            return

        def change(record: Record) -> None:
            self._enter(record, status)
            record.update(members)
            for member in remove:
                record.pop(member, None)

        self._tell(self.records.update(name, change))

    def _enter(self, record: Record, status: str) -> None:
        record.update({"EndpointStatus": status, "LastModifiedTime": self._machine.clock.datetime()})

    def _tell(self, record: Record) -> None:
        detail = plain(pick(record, *_EVENT_MEMBERS))
        detail["EndpointStatus"] = _EVENT_STATUS[record["EndpointStatus"]]
        detail["Tags"] = self._machine.tags.of(record["EndpointArn"])
        self._machine.tell(_EVENT, detail, record["EndpointArn"])

    def _tell_deployment(self, record: Record) -> None:
        detail = plain(pick(record, *_EVENT_MEMBERS, "PendingDeploymentSummary"))
        detail["EndpointStatus"] = _EVENT_STATUS[record["EndpointStatus"]]
        detail["Tags"] = self._machine.tags.of(record["EndpointArn"])
        self._machine.tell(_DEPLOYMENT_EVENT, detail, record["EndpointArn"])

    def _begin(self, work: Callable[..., None], name: str, *arguments: Any) -> None:
        def run() -> None:
            try:
                work(name, *arguments)
            except Exception:
                if not self._stopping:
                    logger.exception("an endpoint could not be changed", extra={"endpoint": name})
                    self._move(name, "Failed", FailureReason=_FAILED)

        thread = threading.Thread(target=run, name=f"endpoint-{name}", daemon=True)
        with self._lock:
            self._threads = [*(thread for thread in self._threads if thread.is_alive()), thread]
            thread.start()

    def _check_quota(self, config: Record) -> None:
        for variant in config["ProductionVariants"]:
            kind, count = variant.get("InstanceType", ""), variant.get("InitialInstanceCount", 1)
            used = sum(
                other.get("InitialInstanceCount", 1)
                for fleet in self.traffic.fleets()
                for other in fleet.config["ProductionVariants"]
                if other.get("InstanceType") == kind
            )
            refusal = self._machine.quotas.refusal(f"{kind} for endpoint usage", used, count)
            if refusal:
                raise AwsError("ResourceLimitExceeded", refusal)


def _instances(config: Record) -> int:
    return sum(variant.get("InitialInstanceCount", 1) for variant in config["ProductionVariants"])
