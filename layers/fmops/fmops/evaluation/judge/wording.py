"""What is said of a judge that is not used."""

from fmops.evaluation.judge.models import Accuracy


def not_accurate(found: Accuracy) -> str:
    """Why a judge is not good enough, with what was measured. Empty where it is."""
    if found.sure:
        return ""
    probes = found.n + found.failed
    if found.value is None:
        return f"none of its verdicts on {probes} known answers could be read"
    if found.low is None or found.high is None:
        return f"only {found.n} of its verdicts on {probes} known answers could be read, too few to tell how good it is"
    counted = f"{found.right} of {found.n} known answers"
    unread = f", {found.failed} more without a verdict" if found.failed else ""
    stands = "is below" if found.high < found.asked else "is not surely at least"
    return (
        f"its accuracy of {found.value:.2f} ({found.low:.2f} to {found.high:.2f}; {counted}{unread}) "
        f"{stands} {found.asked:g}"
    )
