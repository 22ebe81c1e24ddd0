"""What ``lms ledger status`` and the page say of a standing, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lms.ledger.anchors.standing import Failure, KeyLine, Standing, Witness
from lms.ledger.limits import AT_RISK
from lms.ledger.rules.anchoring import MAIL
from lms.ledger.rules.stamps import Worth

Moment = Callable[[datetime], str]
"""How a time is written: for a page in the department's zone, for the command in UTC."""
HOW_TO = (
    "Set LMS_TSA_URLS to the address of one or more time-stamping authorities (RFC 3161), or LMS_ANCHOR_MAIL to "
    "email addresses outside this department's control, such as those of the union and the city clerk, and restart "
    "Rollcall. docs/evidence.md explains both."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: ``result`` is ``ok``, ``waiting`` or ``bad``; ``detail`` says more, or what to do."""

    result: str
    title: str
    detail: str | None = None


def many(number: int, thing: str) -> str:
    """1 record, 1,234 records."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def lines(standing: Standing, at: Moment) -> list[Line]:
    """The findings, the most general first."""
    return [
        _checkpoint(standing, at),
        _anchored(standing, at),
        _risk(standing, at),
        *(_failing(witness, at) for witness in standing.failing),
        *_roots(standing),
    ]


def _checkpoint(standing: Standing, at: Moment) -> Line:
    records = many(standing.records, "record")
    if standing.checkpoint_at is None:
        return Line("waiting", f"{records}, none under a signed checkpoint yet.", "The worker signs one each minute.")
    signed = f"The newest checkpoint was signed on {at(standing.checkpoint_at)}."
    missing = standing.records - standing.checkpoint_size
    if missing:
        return Line("waiting", f"{records}; {missing:,} wait for the next signed checkpoint.", signed)
    return Line("ok", f"{records}, all under a signed checkpoint.", signed)


def _anchored(standing: Standing, at: Moment) -> Line:
    if not standing.configured:
        return Line("bad", "Nobody outside is asked to witness this log.", HOW_TO)
    giving = [witness for witness in standing.witnesses if witness.size and witness.fault is None]
    if not giving:
        return Line("waiting", "Nothing is anchored outside yet.", "The worker asks once an hour while it runs.")
    since = min(witness.first_at for witness in giving if witness.first_at is not None)
    newest = max(witness.last_at for witness in giving if witness.last_at is not None)
    by = many(len(giving), "witness").replace("witnesss", "witnesses")
    title = f"{standing.anchored_size:,} of {many(standing.records, 'record')} are anchored outside, by {by}."
    return Line("ok", title, f"First on {at(since)}, last on {at(newest)}.")


def _risk(standing: Standing, at: Moment) -> Line:
    if not standing.at_risk:
        own = standing.records - standing.anchored_size
        besides = f" The newest {many(own, 'record')} only tell{'' if own > 1 else 's'} of anchors." if own else ""
        return Line("ok", f"No record is at risk: all are anchored outside.{besides}")
    since = "" if standing.at_risk_since is None else f", the oldest from {at(standing.at_risk_since)}"
    which = " after the last anchor" if standing.anchored_size else ", and no anchor yet"
    title = f"At risk now: {many(standing.at_risk, 'record')}{which}{since}."
    if standing.late and not standing.failing:
        return Line("bad", title, f"{AT_RISK} The worker asks once an hour. Is it running? (lms doctor)")
    answers = any(witness.configured and witness not in standing.failing for witness in standing.witnesses)
    return Line("waiting" if answers and not standing.late else "bad", title, AT_RISK)


def _failing(witness: Witness, at: Moment) -> Line:
    if witness.fault is not None:
        advice = "Somebody replaced the stamp or its root. Run: lms ledger verify, and tell whoever keeps the evidence."
        return Line("bad", f"{witness.name}: its newest stamp does not hold.", f"{witness.fault} {advice}")
    return Line("bad", _failure_title(witness), _failure_detail(witness, at))


def _failure_title(witness: Witness) -> str:
    failure = witness.failure
    tries = 0 if failure is None else failure.tries
    what = "the letter has not gone" if witness.kind == MAIL else "no stamp came"
    return f"{witness.name}: {what}" + (f" after {many(tries, 'try').replace('trys', 'tries')}." if tries else ".")


def _failure_detail(witness: Witness, at: Moment) -> str:
    failure: Failure | None = witness.failure
    if failure is None:
        return ""
    parts = [failure.error or ""]
    if failure.again_at is not None:
        parts.append(f"It is asked again from {at(failure.again_at)}.")
    if witness.kind == MAIL:
        parts.append("The training desk's page of notices shows every letter that did not go.")
    elif failure.tries > 2:
        parts.append("If this goes on: check the address, the firewall and the proxy, or name another authority.")
    return " ".join(part for part in parts if part)


def _roots(standing: Standing) -> list[Line]:
    """What keeps time stamps from being verified here."""
    found = [
        Line(
            "waiting",
            f"{witness.name}: its stamps are kept, but they cannot be verified here.",
            "No root certificate for this authority is on file. Get it from the authority and save it as "
            f"{witness.root_file}",
        )
        for witness in standing.witnesses
        if witness.worth is Worth.NO_ROOT
    ]
    found += [
        Line(
            "bad", f"The root certificate {name} cannot be read.", f"Put a PEM file into {standing.authorities_folder}"
        )
        for name in standing.unreadable_roots
    ]
    return found


def state_of(witness: Witness) -> tuple[str, str]:
    """The result and the words for one witness in a table."""
    if witness.fault is not None:
        return "bad", "Does not hold"
    if not witness.configured:
        return "waiting", "No longer asked"
    if witness.failure is not None and witness.failure.error is not None:
        return "bad", "Failing"
    if not witness.anchors:
        return "waiting", "Not asked yet" if witness.failure is None else "On its way"
    if witness.worth is Worth.NO_ROOT:
        return "waiting", "Kept, not verifiable here"
    return "ok", "Sent" if witness.kind == MAIL else "Verified"


def key_state(key: KeyLine, at: Moment) -> str:
    """Whether a key signs now, in words."""
    if key.revoked_at is not None:
        return f"Revoked on {at(key.revoked_at)}: trusted no more"
    if key.retired_at is None:
        return "Signs"
    return f"Followed by a newer key on {at(key.retired_at)}" + ("; both sign" if key.signs else "")
