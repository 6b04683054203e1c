"""The errors of fmops. A class's name is the `ErrorEquals` of the state machines: renaming one is a breaking change."""


class FmopsError(Exception):
    """Any error of ours. Its text says what, where and what to do, in one or two sentences."""


class BadInput(FmopsError):
    """A document or a request that a person wrote is wrong; trying again does not help."""


class DatasetRefused(BadInput):
    """A dataset broke a rule; the text names file and line."""


class UseCaseInvalid(BadInput):
    """A use-case document broke a rule."""


class NotFound(FmopsError):
    """What was asked for is not in the ledger or the store."""


class AlreadyExists(FmopsError):
    """The ledger holds this record already; what must happen once has happened."""


class StaleTransition(FmopsError):
    """A record is not in the state that a change starts from: somebody else was first."""


class Duplicate(FmopsError):
    """This work was claimed by another execution."""


class LimitReached(FmopsError):
    """A total of the ledger would be above what is allowed."""


class LedgerBusy(FmopsError):
    """Another change of the same records was under way; it helps to try again."""


class BudgetExceeded(FmopsError):
    """The worst-case cost of a launch does not fit the budget that is left."""


class LaunchRefused(FmopsError):
    """AWS refused a request for good: trying the same again does not help."""


class NameTaken(LaunchRefused):
    """The name is in use for something with another specification."""


class QuotaReached(FmopsError):
    """An account limit stands in the way; it may help to wait."""


class NotReady(FmopsError):
    """Something that the stack makes by itself is not there yet: it helps to wait."""


class CapacityUnavailable(FmopsError):
    """AWS has no such instance free now; it may help to wait or to take another type."""


class JobFailed(FmopsError):
    """A job ended in any other way than complete."""


class JobCrashed(JobFailed):
    """A job ended without a word of its own: its machine or its process was lost. Another try may do."""


class EndpointFailed(FmopsError):
    """An endpoint did not come into service."""


class EndpointBusy(FmopsError):
    """An endpoint is being changed; it helps to wait."""


class ResultsUnusable(FmopsError):
    """A job's results are missing, empty or do not fit together."""


class ComparisonRefused(FmopsError):
    """Two results were made in different ways and must not be compared."""


class NoApprovers(FmopsError):
    """Nobody can decide: no approver has confirmed their address."""


class LinkInvalid(FmopsError):
    """A link's signature does not hold."""


class LinkExpired(FmopsError):
    """A link is past its time."""


class SignInRefused(FmopsError):
    """Somebody could not be signed in; the text may be shown to them."""


class SignInUnavailable(FmopsError):
    """The issuer does not answer, or not as an issuer does."""


class SealBroken(FmopsError):
    """What a browser kept is not what we gave it to keep."""


class NotApproved(FmopsError):
    """The ledger holds no approval for exactly this artifact."""


class WeightsRefused(BadInput):
    """Weights are in a form that could run code when they are loaded."""


class VerificationFailed(FmopsError):
    """A released model did not answer its golden prompts as it must."""


class ReleaseTakenBack(FmopsError):
    """SageMaker took an update back: one of its alarms tripped, or the new fleet did not start."""


class RollbackIncomplete(FmopsError):
    """An endpoint does not serve again what it served before."""


class WindowUnusable(FmopsError):
    """A monitoring window can't be judged."""


class SettingMissing(FmopsError):
    """An environment variable that this function needs is not set."""
