"""Changes of the schedule: requirements are set, cycles opened, leave given back, notices put into the outbox.

Each handles one batch and says where the next begins; whoever calls commits in between (``lms.schedule.jobs``).
"""

from __future__ import annotations

from lms.schedule.actions.cycles import Batch, close_separated, give_back_leave, open_cycles, open_cycles_after
from lms.schedule.actions.notices import Sender, send_digests, send_reminders_after
from lms.schedule.actions.reminding import Reminded, Skipped, send_reminders
from lms.schedule.actions.requirements import set_default_requirements, set_requirement
from lms.schedule.actions.spaced import offer_spaced_after

__all__ = [
    "Batch",
    "Reminded",
    "Sender",
    "Skipped",
    "close_separated",
    "give_back_leave",
    "offer_spaced_after",
    "open_cycles",
    "open_cycles_after",
    "send_digests",
    "send_reminders",
    "send_reminders_after",
    "set_default_requirements",
    "set_requirement",
]
