"""What the account holds: jobs, endpoints, the registry, the hub, schedules; as AWS' own APIs tell it."""

from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from local.embedded import EmbeddedAws

Document = dict[str, Any]

_NEWEST: Document = {"SortBy": "CreationTime", "SortOrder": "Descending"}
_RUNNING = ("InProgress", "Stopping")


class AccountView:
    def __init__(self, aws: EmbeddedAws) -> None:
        self._aws = aws

    def jobs(self, count: int) -> list[Document]:
        """The newest training and processing jobs; those that run come first."""
        sagemaker = self._aws.client("sagemaker")
        training = sagemaker.list_training_jobs(MaxResults=count, **_NEWEST)["TrainingJobSummaries"]
        processing = sagemaker.list_processing_jobs(MaxResults=count, **_NEWEST)["ProcessingJobSummaries"]
        found = [self._job("training", "Training", job) for job in training]
        found += [self._job("processing", "Processing", job) for job in processing]
        found.sort(key=lambda job: (job["running"], job["created"]), reverse=True)
        return found[:count]

    def _job(self, kind: str, word: str, job: Document) -> Document:
        name, status = job[f"{word}JobName"], job[f"{word}JobStatus"]
        return {
            "kind": kind,
            "name": name,
            "status": status,
            "running": status in _RUNNING,
            "created": job["CreationTime"],
            "ended": job.get(f"{word}EndTime"),
            "progress": self._aws.sagemaker.progress(name),
            "why": self._why(kind, name) if status == "Failed" else "",
        }

    def _why(self, kind: str, name: str) -> str:
        sagemaker = self._aws.client("sagemaker")
        if kind == "training":
            return str(sagemaker.describe_training_job(TrainingJobName=name).get("FailureReason", ""))
        shown = sagemaker.describe_processing_job(ProcessingJobName=name)
        return str(shown.get("ExitMessage") or shown.get("FailureReason", ""))

    def endpoints(self) -> list[Document]:
        """All endpoints, newest first."""
        sagemaker = self._aws.client("sagemaker")
        found = []
        for listed in sagemaker.list_endpoints(MaxResults=100, **_NEWEST)["Endpoints"]:
            try:
                shown = sagemaker.describe_endpoint(EndpointName=listed["EndpointName"])
            except ClientError:
                continue  # deleted in between
            capture = shown.get("DataCaptureConfig", {})
            found.append(
                {
                    "name": shown["EndpointName"],
                    "status": shown["EndpointStatus"],
                    "since": shown["LastModifiedTime"],
                    "why": shown.get("FailureReason", ""),
                    "config": shown.get("EndpointConfigName", ""),
                    "capture": capture.get("CurrentSamplingPercentage") if capture.get("EnableCapture") else None,
                }
            )
        return found

    def models(self) -> list[Document]:
        """The models of the hub."""
        sagemaker = self._aws.client("sagemaker")
        pages = sagemaker.list_hub_contents(HubName="SageMakerPublicHub", HubContentType="Model", MaxResults=100)
        return [
            {"id": model["HubContentName"], "version": model["HubContentVersion"], "at": model["CreationTime"]}
            for model in pages["HubContentSummaries"]
        ]

    def schedules(self) -> list[Document]:
        """All schedules, by name."""
        scheduler = self._aws.client("scheduler")
        pages = scheduler.get_paginator("list_schedules").paginate()
        names = [(found["Name"], found["GroupName"]) for page in pages for found in page["Schedules"]]
        shown = [scheduler.get_schedule(Name=name, GroupName=group) for name, group in sorted(names)]
        return [
            {
                "name": schedule["Name"],
                "group": schedule["GroupName"],
                "expression": schedule["ScheduleExpression"],
                "description": schedule.get("Description", ""),
            }
            for schedule in shown
        ]

    def clock(self) -> Document:
        """What time it is here, and how far that is from the time outside."""
        return {"now": self._aws.clock.datetime(), "ahead": self._aws.clock.offset}


def ago(moment: datetime, now: datetime) -> str:
    """`12 s ago`, `3 min ago`, `2 h ago`, `4 days ago`."""
    seconds = (now - moment).total_seconds()
    if seconds < 1:
        return "now"
    return f"{lasting(seconds)} ago"


def lasting(seconds: float) -> str:
    """A span in its two largest units at most: `0.4 s`, `12 s`, `3 min`, `2 h 5 min`, `4 days`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{hours // 24} days"
