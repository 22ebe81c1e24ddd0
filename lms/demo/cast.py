"""The cast: the people whose sign-in the demonstration prints, and what each shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lms.roster.permissions import ADMINISTRATOR, HR, SERGEANT, SUPERVISOR


class Fate(StrEnum):
    """What is to become of a member; everybody else lives by habit."""

    WAITS = "waits"
    """Has the current cycle open and does not begin."""
    MIDDLE = "middle"
    """Stands in the middle of a module."""
    CAPSTONE = "capstone"
    """Everything before the capstone questions is done."""
    FAILED_ONCE = "failed_once"
    """Failed the capstone once; the missed clauses come next."""
    TO_SIGN = "to_sign"
    """Passed, and has not signed yet."""
    DONE = "done"
    """Signed, some weeks ago."""
    CONVERSATION = "conversation"
    """Failed twice, and waits for the training sergeant."""
    DECLINES = "declines"
    """Declined some days ago; witnesses have not confirmed."""
    DECLINED = "declined"
    """Declined in an earlier cycle, confirmed by two witnesses."""
    ASKS = "asks"
    """Signed this week with a question that is not answered yet."""
    MILITARY = "military"
    """Is away on military leave now."""
    MEDICAL = "medical"
    """Is away on medical leave now."""
    DEPLOYED = "deployed"
    """Was away for months and came back; the days were given back."""
    WAIVED = "waived"
    EXTENDED = "extended"
    LATE = "late"
    """Does not begin although the training is due."""
    MARRIED = "married"
    """Changed the family name."""
    REHIRED = "rehired"
    """Left, and came back."""
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Part:
    """One member of the cast. ``hired_days_ago`` is None for somebody who was there from the beginning."""

    role: str
    shows: str
    given: str
    family: str
    rank: str
    unit: str
    fate: Fate | None = None
    grants: tuple[str, ...] = ()
    hired_days_ago: int | None = None


DAY, EVENING, NIGHT = "Patrol, Day Shift", "Patrol, Evening Shift", "Patrol, Night Shift"
COMMUNITY, TRAINING, ADMINISTRATION = "Community Policing Unit", "Training and Recruitment", "Administration"

REFRESHER_DAYS = 735
"""Hired so many days ago, somebody has done the first training by now, and the refresher after it is open."""

CAST = (
    Part("officer_due", "Yearly test-out open, not begun", "Maya", "Okafor", "Officer", DAY, Fate.WAITS),
    Part(
        "officer_midway", "New officer in the middle of a module",
        "Tyler", "Gagnon-Lee", "Officer", EVENING, Fate.MIDDLE, hired_days_ago=9,
    ),
    Part(
        "officer_ready", "New officer, ready for the capstone",
        "Priscilla", "Duarte", "Officer", DAY, Fate.CAPSTONE, hired_days_ago=19,
    ),
    Part("officer_failed_once", "Failed the capstone once", "Daniel", "Ruiz", "Officer", NIGHT, Fate.FAILED_ONCE),
    Part("officer_decline", "Passed; may sign or decline", "Hana", "Leclair", "Officer", EVENING, Fate.TO_SIGN),
    Part(
        "officer_refresher", "Two-year refresher due; begins with what changed",
        "Nathan", "Voss", "Officer", COMMUNITY, Fate.WAITS, hired_days_ago=REFRESHER_DAYS,
    ),
    Part(
        "officer_done", "Signed; receipt to look at, and five questions offered",
        "Grace", "Pelletier", "Officer", COMMUNITY, Fate.DONE,
    ),
    Part("witness_one", "Can confirm a decline", "Marcus", "Bell", "Officer", EVENING, Fate.DONE),
    Part("witness_two", "Can confirm a decline", "Joanna", "Kessler", "Officer", EVENING, Fate.DONE),
    Part(
        "supervisor", "Sees the evening shift", "Karen", "Thibodeau", "Sergeant", EVENING, Fate.DONE, (SUPERVISOR,)
    ),
    Part(
        "training_sergeant", "Runs the training",
        "Elena", "Marchetti", "Sergeant", TRAINING, Fate.DONE, (SERGEANT, SUPERVISOR),
    ),
    Part("hr", "Answers for the records", "Ruth", "Abernathy", "Civilian", ADMINISTRATION, Fate.DONE, (HR,)),
    Part(
        "administrator", "Runs the system",
        "Samuel", "Whitfield", "Civilian", ADMINISTRATION, Fate.DONE, (ADMINISTRATOR,),
    ),
)  # fmt: skip
SMALLEST = len(CAST)
"""A department holds the cast at least."""

FATES_OF_OTHERS = (
    Fate.DECLINES, Fate.CONVERSATION, Fate.ASKS, Fate.DECLINED, Fate.MILITARY, Fate.REHIRED, Fate.MARRIED, Fate.WAIVED,
    Fate.EXTENDED, Fate.DEPLOYED, Fate.ASKS, Fate.MEDICAL, Fate.LEFT, Fate.LEFT, Fate.CONVERSATION, Fate.EXTENDED,
    Fate.MIDDLE, Fate.LEFT, Fate.FAILED_ONCE, Fate.DEPLOYED, Fate.LEFT, Fate.TO_SIGN, Fate.WAIVED, Fate.LEFT,
    Fate.EXTENDED, Fate.LEFT, Fate.MIDDLE, Fate.LEFT, Fate.LEFT, Fate.LEFT,
)  # fmt: skip
"""Dealt out to officers outside the cast, in this order, as far as there are any."""
