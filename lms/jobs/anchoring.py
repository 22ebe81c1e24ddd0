"""The job that has checkpoints witnessed outside: asks the authorities, and puts the letters into the outbox.

It stands here because the ledger knows no mail and no settings. Everything that is due is decided from the
database; the network is asked while no transaction is open.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from lms.db import db
from lms.jobs.letters import checkpoint_letter
from lms.ledger.anchors import actions, courses
from lms.ledger.anchors.actions import ClockError, Fresh
from lms.ledger.anchors.asking import ask_all
from lms.ledger.queries import get_log
from lms.ledger.rules.anchoring import MAIL, STAMP
from lms.ledger.rules.stamps import StampError
from lms.notify.actions import enqueue
from lms.notify.models import OutboxMessage
from lms.notify.queries import find_message
from lms.web.context import settings

TOPIC = "checkpoint"
LOOK_BACK = timedelta(days=7)
"""How long a letter's delivery is followed; the outbox gives up after about two days."""
ROUNDS = 2
"""A stamp whose time does not fit its sealing (this process was held up, say) is asked for once more at once."""
AS_FILE = (
    "No mail server is set, so the letter is only a file in the mail folder and has not left this machine. "
    "Set LMS_SMTP_URL."
)


def anchor_ledger_job(now: datetime) -> str:
    """Keeps account of letters that went, then has every witness that is due see the log as it stands now."""
    wanted = settings()
    if not wanted.tsa_urls and not wanted.anchor_mail:
        return "nobody outside is asked: no time-stamping authority and no address is set"
    sent = _settle_letters(now)
    stamped = written = 0
    failed: dict[str, str] = {}
    urls, addresses = wanted.tsa_urls, wanted.anchor_mail
    for turn in range(ROUNDS):
        fresh, due, letters = _begin(urls, addresses, now, again=turn > 0)
        written += letters
        if fresh is None:
            break
        answers = ask_all(due, fresh.note)
        late = list[str]()
        for answer in answers:
            try:
                _keep(fresh, answer.authority, answer.token, answer.error)
            except ClockError as error:
                late.append(answer.authority)
                failed[answer.authority] = str(error)
            except StampError as error:
                failed[answer.authority] = str(error)
            else:
                stamped += 1
                failed.pop(answer.authority, None)
        if not late:
            break
        urls, addresses = tuple(late), ()
    if not (sent or written or stamped or failed):
        return "nothing new to anchor"
    said = f"{stamped} stamped, {len(failed)} failed, {written} letters written, {sent} letters sent"
    return "; ".join([said, *(f"{authority}: {error}" for authority, error in failed.items())])


def _begin(
    authorities: tuple[str, ...], addresses: tuple[str, ...], now: datetime, *, again: bool
) -> tuple[Fresh | None, list[str], int]:
    """Seals, claims every try and writes every letter that is due, in one transaction.

    Due is asked again under the lock on the log's head, so that two runs never claim the same. ``again``: these
    authorities were asked a moment ago, and are to be asked once more whatever their pause is.
    """
    someone = actions.due_witnesses(STAMP, authorities, now) or actions.due_witnesses(MAIL, addresses, now)
    if not (someone or again):
        db.session.rollback()
        return None, [], 0
    fresh = actions.seal_fresh()
    due = list(authorities) if again else actions.due_witnesses(STAMP, authorities, now)
    actions.claim_stamps(fresh, due, now)
    letters = 0
    for address in actions.due_witnesses(MAIL, addresses, now):
        letters += _write_letter(fresh, address, now)
    db.session.commit()
    return fresh, due, letters


def _keep(fresh: Fresh, authority: str, token: bytes | None, error: str | None) -> None:
    """Stores what one authority gave, or why it gave nothing, and commits. Raises StampError for the latter."""
    try:
        if token is None:
            raise StampError(error or "The authority gave no stamp.")
        actions.keep_stamp(fresh, authority, token)
    except StampError as refused:
        db.session.rollback()
        actions.note_failure(fresh, authority, str(refused))
        db.session.commit()
        raise
    db.session.commit()


def _write_letter(fresh: Fresh, address: str, now: datetime) -> int:
    """Puts the letter of this checkpoint to this address into the outbox, once."""
    wanted = settings()
    letter = checkpoint_letter(wanted.department, fresh.size, fresh.note)
    actions.begin_letter(fresh, address, now, None if wanted.smtp_url else AS_FILE)
    message = enqueue(
        person_id=None,
        to_address=address,
        topic=TOPIC,
        topic_id=fresh.checkpoint_id,
        stage="anchor",
        subject=letter.subject,
        body_text=letter.body,
        dedupe_key=letter_key(get_log().id, fresh.size, address),
    )
    return 0 if message is None else 1


def letter_key(log_id: int, size: int, address: str) -> str:
    """What makes a second letter of one checkpoint to one address impossible."""
    return f"checkpoint:{log_id}:{size}:{sha256(address.encode()).hexdigest()[:16]}"


def _settle_letters(now: datetime) -> int:
    """Takes over from the outbox how the letters' delivery went; how many are now known to have gone."""
    log_id, sent = get_log().id, 0
    for row, size in courses.list_pending_letters(log_id, now - LOOK_BACK):
        message = find_message(letter_key(log_id, size, row.authority))
        if message is None or row.last_error == AS_FILE:
            continue
        if message.sent_at is not None:
            actions.keep_letter(row.id, message.sent_at, message.message_id)
            sent += 1
        elif (error := _trouble(message)) != row.last_error:
            actions.note_letter(row.id, message.tries, error)
    db.session.commit()
    return sent


def _trouble(message: OutboxMessage) -> str | None:
    """What the outbox says of a letter that has not gone; None where nothing went wrong yet."""
    return message.outcome or None
