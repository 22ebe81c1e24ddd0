"""Every job of the worker, in the order in which those that are due together run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import lms.attestation.jobs
import lms.auth.jobs
import lms.ledger.jobs
import lms.policy.jobs
import lms.records.jobs
import lms.schedule.jobs
from lms.attestation.rules import TOPIC as ATTESTATION_TOPIC
from lms.auth.rules import LINK_TOPIC
from lms.jobs.anchoring import anchor_ledger_job
from lms.notify.actions import deliver
from lms.notify.transport import make_transport
from lms.schedule.queries import ASSIGNMENT_TOPIC, DIGEST_TOPIC
from lms.web.context import settings


@dataclass(frozen=True, slots=True)
class Job:
    """One job: an idempotent function of the database and the time, which says in one line what it did."""

    name: str
    title: str
    run: Callable[[datetime], str]
    every: timedelta


def deliver_outbox(now: datetime) -> str:
    """Sends the letters that are due. Each topic's owner is asked once more whether the letter still fits."""
    asks = lms.schedule.jobs.why_not_send(now)
    eligible = {
        ASSIGNMENT_TOPIC: asks,
        DIGEST_TOPIC: asks,
        ATTESTATION_TOPIC: lms.attestation.jobs.why_not_send(now),
        LINK_TOPIC: lms.auth.jobs.why_not_send(now),
    }
    return str(deliver(transport=make_transport(settings()), eligible=eligible, now=now))


def clean_up(now: datetime) -> str:
    """Removes what nobody needs any more: ended sessions, spent links, and drafts of signing that are a month old."""
    return f"{lms.auth.jobs.clean_sessions_job(now)}, {lms.attestation.jobs.clean_drafts_job(now)}"


JOBS: tuple[Job, ...] = (
    Job("deliver-outbox", "Send letters", deliver_outbox, timedelta(seconds=30)),
    Job("seal-ledger", "Sign the ledger's checkpoint", lms.ledger.jobs.seal_ledger_job, timedelta(minutes=1)),
    Job("anchor-ledger", "Have the checkpoint witnessed outside", anchor_ledger_job, timedelta(minutes=10)),
    Job("open-cycles", "Make assignments that are due", lms.schedule.jobs.open_cycles_job, timedelta(hours=1)),
    Job("give-back-leave", "Give days away back", lms.schedule.jobs.give_back_leave_job, timedelta(hours=1)),
    Job("spaced-sets", "Offer spaced sets", lms.schedule.jobs.offer_spaced_job, timedelta(hours=6)),
    Job("reminders", "Write reminders", lms.schedule.jobs.send_reminders_job, timedelta(hours=1)),
    Job("policy-review", "Flag policies due for review", lms.policy.jobs.flag_reviews_job, timedelta(days=1)),
    Job(
        "forget-prepared", "Remove unsigned preparations", lms.attestation.jobs.forget_prepared_job, timedelta(hours=1)
    ),
    Job("make-bundles", "Make bundles of evidence", lms.records.jobs.make_bundles_job, timedelta(seconds=30)),
    Job("remove-bundles", "Remove old bundles", lms.records.jobs.remove_bundles_job, timedelta(days=1)),
    Job("clean-sessions", "Remove ended sessions and old drafts", clean_up, timedelta(days=1)),
)
