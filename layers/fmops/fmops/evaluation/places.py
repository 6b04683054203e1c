"""Where a run's files lie in the artifacts bucket."""

from typing import NamedTuple

from fmops.core.artifacts import Location
from fmops.evaluation.job_request import JobFolder
from fmops.evaluation.judge.models import JOB_FILE


class RunPlaces(NamedTuple):
    """Everything of one run lies below `runs/<run_id>/`."""

    bucket: str
    run_id: str

    @property
    def root(self) -> Location:
        return Location(self.bucket, f"runs/{self.run_id}")

    @property
    def plan(self) -> Location:
        return self.root.child("plan.json")

    @property
    def features(self) -> Location:
        """The feature matrix: the models, and what the use case's conditions cut."""
        return self.root.child("features.json")

    @property
    def test_rows(self) -> Location:
        """The rows that are scored, where the use case does not want them all."""
        return self.root.child("dataset/test.jsonl")

    @property
    def report(self) -> Location:
        return self.root.child("report.json")

    @property
    def page(self) -> Location:
        return self.root.child("report.html")

    @property
    def judge(self) -> "JudgePlaces":
        return JudgePlaces(self.root.child("judge"))

    def judged_table(self, day: str) -> Location:
        """The judge's scores in the same table. No candidate has a dot in its name."""
        return self.table("judge.scores", day)

    @property
    def sheet(self) -> Location:
        """What people are asked to compare."""
        return self.root.child("review/sheet.json")

    @property
    def review(self) -> Location:
        """What people said."""
        return self.root.child("review/result.json")

    def table(self, candidate: str, day: str) -> Location:
        """The scores of a candidate in the table of all runs, which is partitioned by the day on which a run began."""
        return Location(self.bucket, f"results/day={day}/{self.run_id}/{candidate}/")

    def answers(self, fingerprint: str) -> Location:
        """All answers of a candidate, of whatever run: a prefix named by the candidate's fingerprint."""
        return Location(self.bucket, f"answers/{fingerprint.removeprefix('sha256:')}/")

    def candidate(self, candidate: str) -> "CandidatePlaces":
        return CandidatePlaces(self.root.child(f"candidates/{candidate}"))


class CandidatePlaces(JobFolder):
    """What was made for one candidate, and its evaluation job's files."""

    @property
    def training(self) -> Location:
        """The `training` channel: a prefix."""
        return self.root.child("training/")

    @property
    def training_rows(self) -> Location:
        return self.root.child("training/train.jsonl")

    @property
    def training_template(self) -> Location:
        """How JumpStart's trainers make a prompt of a row."""
        return self.root.child("training/template.json")

    @property
    def checkpoints(self) -> Location:
        return self.root.child("checkpoints/")

    @property
    def models(self) -> Location:
        """SageMaker puts `<job>/output/model/` below."""
        return self.root.child("model/")

    @property
    def tokenizer(self) -> Location:
        """SageMaker's manifest of the model's tokenizer files."""
        return self.root.child("tokenizer.manifest")


class JudgePlaces(JobFolder):
    """What belongs to the judge of a run."""

    @property
    def job(self) -> Location:
        return self.root.child(f"config/{JOB_FILE}")

    @property
    def answers(self) -> Location:
        """The candidates' answers, a file for each: a prefix."""
        return self.root.child("answers/")
