"""What the functions that launch jobs of monitoring are made of."""

from fmops.core import wiring
from fmops.launches.images import Image, Images
from fmops.launches.wiring import launcher
from fmops.monitoring.jobs import JobDesk


def desk() -> JobDesk:
    settings = wiring.settings()
    return JobDesk(
        store=wiring.store(),
        launcher=launcher(),
        bucket=settings.artifacts_bucket,
        prefix=settings.prefix,
        image=Images(wiring.client("ssm"), settings.images).one(Image.EVALUATE),
        role_arn=settings.evaluation_role,
    )
