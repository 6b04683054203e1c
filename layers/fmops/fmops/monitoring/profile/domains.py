"""The parts of the answers whose toxicity is told apart: by language, and by the group that the prompt speaks of."""

import numpy as np
from numpy.typing import NDArray

from fmops.monitoring.profile.features import DOMAINS
from fmops.monitoring.profile.model import Profile
from fmops.monitoring.toxicity.design import COUNT, Strata
from fmops.text.markers import LANGUAGES
from fmops.text.people import GROUPS
from fmops.text.scan import Places


def count(strata: Places, languages: Places, groups: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many answers of each of DOMAINS lie in each stratum. Each array has an entry for each answer."""
    made = np.zeros((len(DOMAINS), COUNT), np.int64)
    made[0] = np.bincount(strata, minlength=COUNT)
    spoken = np.bincount(languages * COUNT + strata, minlength=len(LANGUAGES) * COUNT)
    made[1 : 1 + len(LANGUAGES)] = spoken.reshape(len(LANGUAGES), COUNT)
    answers, group = np.nonzero(groups)
    of_groups = np.bincount(group * COUNT + strata[answers], minlength=len(GROUPS) * COUNT)
    made[1 + len(LANGUAGES) :] = of_groups.reshape(len(GROUPS), COUNT)
    return made


def strata_of(profile: Profile) -> Strata:
    """As the sampling reads them; parts that nothing is of are left out."""
    words = profile.counts("answer_words").sum(axis=0)
    rows = zip(DOMAINS, profile.arrays["answer_domains"].tolist(), strict=True)
    # The first bin is of answers without a word.
    return Strata(answers=int(words[1:].sum()), domains={name: sizes for name, sizes in rows if any(sizes)})
