"""The mail about an alert: what and where, the numbers, since when, where to look, and what to do next."""

from fmops.alerts.models import Alert, Episode, Notice, Severity
from fmops.alerts.wording import SUBJECT_LENGTH
from fmops.core.plain import one_line

_BEGINS = {
    Notice.OPENED: "",
    Notice.WORSE: "",
    Notice.REPEATED: "Still: ",
    Notice.ESCALATED: "Nobody answers: ",
    Notice.RECOVERED: "Recovered: ",
}
_SAYS = {
    Notice.WORSE: "This got worse since you were told.",
    Notice.REPEATED: "You were told of this before. It lasts.",
    Notice.ESCALATED: "You get this because nobody acknowledged the alarm in time.",
    Notice.RECOVERED: "This is over. What it was about:",
}


def subject(alert: Alert, episode: Episode, notice: Notice) -> str:
    """At most 99 characters. An alarm says so first; what is over is none."""
    alarm = "ALARM " if episode.severity is Severity.ALARM and notice is not Notice.RECOVERED else ""
    return one_line(f"{alarm}{_BEGINS[notice]}{alert.subject}", SUBJECT_LENGTH)


def message(alert: Alert, episode: Episode, notice: Notice, dashboard_url: str) -> str:
    """The text. `dashboard_url` is left out where it is empty."""
    begin = [_SAYS[notice], ""] if notice in _SAYS else []
    about = [
        *([f"Since:     {_since(episode)}"] if episode.lasts else []),
        f"Severity:  {episode.severity}",
        *([f"Use case:  {alert.use_case}"] if alert.use_case else []),
        *([f"Run:       {alert.run_id}"] if alert.run_id else []),
        *([f"Dashboard: {dashboard_url}"] if dashboard_url else []),
        f"Alert:     {alert.alert_id}",
    ]
    end = [] if episode.status.is_over else ["", f"You take care of it? fmops alerts acknowledge {alert.alert_id}"]
    return "\n".join([*begin, alert.body, *about, *end]) + "\n"


def _since(episode: Episode) -> str:
    seen = "1 window" if episode.windows == 1 else f"{episode.windows} windows"
    calm = f", and in the last {episode.calm} not" if episode.calm else ""
    return f"the window {episode.since}; seen in {seen}{calm}"
