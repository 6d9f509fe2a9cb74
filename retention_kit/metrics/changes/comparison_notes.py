"""Why a figure is missing, or not compared: sentences that a report translates."""

from __future__ import annotations

from typing import Final

NOT_OBSERVABLE: Final = "Not observable yet: the log does not go back far enough for anybody to have lapsed."
NOT_REACHED: Final = "Nobody reached this age in the period."
FIRST_PERIOD: Final = (
    "Not observable yet: in the period in which the log begins everybody is new, and nobody can have left."
)
NOBODY_THERE: Final = "There were no customers at the start of the period."
NOBODY_BOUGHT: Final = "Nobody bought in the period."
NOBODY_LEFT: Final = "There are no customers at the end of the period."
NOTHING_LOST: Final = "Nothing was lost, so there is nothing to set the gains against."
NOTES: Final = {
    "so far": "Counts everybody since the log begins, so it rises while the log grows: not compared.",
    "unseen before": "Not compared with a period in which nobody could have lapsed yet.",
    "first customers": "Not compared with the first customers of the log, who may have bought before it begins.",
    "cut": "The period is not over, or its last days are missing: not compared with whole ones.",
    "same days": "The period is not over, or its last days are missing: compared with the same days of earlier ones.",
    "cut before": "Not compared with the period in which the log begins.",
}
SENTENCES: Final = (
    NOT_OBSERVABLE,
    NOT_REACHED,
    FIRST_PERIOD,
    NOBODY_THERE,
    NOBODY_BOUGHT,
    NOBODY_LEFT,
    NOTHING_LOST,
    *NOTES.values(),
)
"""All sentences of notes."""
