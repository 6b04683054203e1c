"""How jobs and endpoints run on this machine, and how long they may take."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from local import protocol


@dataclass(frozen=True)
class JobSettings(protocol.JobSettings):
    """Commands that stand in for container images, and the limits under which they run."""

    stop_grace: float = 120.0
    """Real seconds between SIGTERM and SIGKILL; 120 as in SageMaker."""
    parallel_jobs: int = 2
    """Jobs whose containers run at the same time. The others wait, as they would for capacity."""
    invocation_timeout: float = 60.0
    """Real seconds that an endpoint may take to answer; 60 as in SageMaker."""
    sync_interval: float = 2.0
    """Real seconds between uploads of what a running job wrote."""

    @classmethod
    def of(cls, settings: protocol.JobSettings) -> "JobSettings":
        """The given settings, with SageMaker's limits where they name none."""
        if isinstance(settings, cls):
            return settings
        return cls(**{field.name: getattr(settings, field.name) for field in fields(protocol.JobSettings)})

    @classmethod
    def of_repo(cls, repo_root: Path, cache_root: Path) -> "JobSettings":
        """The product's own containers and the text-generation server of a local run.

        `cache_root` is the folder that set-up fills (`.local`): models and other assets lie in its `assets`.
        """
        return cls(
            python=repo_root / ".venv-jobs" / "bin" / "python",
            assets=cache_root / "assets",
            images={
                "fmops-fine-tune": ["{python}", "-m", "containers.fine_tune.main"],
                "fmops-evaluate": ["{python}", "-m", "containers.evaluate.main"],
            },
            serve=["{python}", "-m", "local.sagemaker.serve"],
            converse=["{python}", "-m", "local.bedrock.serve"],
            environment=job_environment(repo_root),
            # Two cores decode slower than a GPU; the docs name this as a deviation.
            invocation_timeout=180.0,
        )


def job_environment(repo_root: Path) -> Mapping[str, str]:
    """What every container image of the product sets by itself."""
    return {
        "PYTHONPATH": f"{repo_root}:{repo_root / 'layers' / 'fmops'}",
        "PYTHONUNBUFFERED": "1",
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        # Threads that spin while they wait starve the other job on a machine of two cores.
        "GOMP_SPINCOUNT": "0",
    }
