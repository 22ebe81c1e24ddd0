"""Publishing a policy, and what the ledger and the rows then say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from lms import clock
from lms.errors import IntegrityFault, NotFound
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import read_disclosures
from lms.policy.actions import flag_due_reviews, publish_policy
from lms.policy.evidence import check_rows
from lms.policy.jobs import flag_reviews_job
from lms.policy.models import Clause, PolicyReview, PolicyVersion
from lms.policy.queries import (
    clauses_by_ref,
    current_version,
    find_open_review,
    find_review,
    find_version,
    get_version,
    list_clauses,
    list_open_reviews,
    policy_text,
)
from lms.policy.rules import ClauseText, sha256_of
from tests.policy.parsed import SMALL, revised, shipped_policy
from tests.support.queries import counted_queries


def records(session: Any) -> list[str]:
    rows = session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.position))
    return [kind for kind in rows if kind.startswith("policy.")]


def named(session: Any) -> str:
    session.commit()
    return "\n".join(f"{fault.where}: {fault.what}" for fault in check_rows())


def test_published_text_is_on_the_ledger_with_each_clause(session: Any) -> None:
    version = publish_policy(shipped_policy())
    session.commit()
    disclosed = read_disclosures(version.record_id)
    assert disclosed["policy"] == "sop-110"
    assert disclosed["sha256"] == sha256_of(version.canonical)
    assert disclosed["clauses"] == [[c.ref, sha256_of(c.text), c.taught] for c in list_clauses(version.id)]
    assert disclosed["published_by"] == "command line"
    assert version.published_at == session.scalar(
        select(LedgerEntry.at).where(LedgerEntry.record_id == version.record_id)
    )


def test_the_same_text_is_recognized(session: Any) -> None:
    first = publish_policy(SMALL)
    assert publish_policy(SMALL).id == first.id
    assert records(session) == ["policy.version_published"]


def test_a_changed_clause_is_a_new_version_and_the_old_one_stays(session: Any) -> None:
    first = publish_policy(SMALL)
    changed = replace(
        SMALL, blocks=(*SMALL.blocks[:1], ClauseText("I", "To hear.", True, 0, ("I. Purpose",)), *SMALL.blocks[2:])
    )
    second = publish_policy(changed)
    session.commit()
    assert (current_version("sop-7").id, second.number) == (second.id, 2)
    assert clauses_by_ref(first.id)["I"].text == "To be heard."
    assert clauses_by_ref(second.id)["I"].text == "To hear."
    assert find_version("sop-7", 1).id == first.id  # type: ignore[union-attr]
    assert find_version("sop-7", 3) is None


def test_text_is_read_back_and_then_kept(session: Any) -> None:
    version = publish_policy(SMALL)
    session.commit()
    assert policy_text(version.id) == SMALL
    assert list(clauses_by_ref(version.id)) == ["I", "II.A.a"]
    with counted_queries() as seen:
        policy_text(version.id)
        clauses_by_ref(version.id)
    assert seen == []


def test_altered_text_is_not_shown(session: Any) -> None:
    version = publish_policy(SMALL)
    session.execute(update(PolicyVersion).values(canonical=version.canonical.replace("heard", "herd")))
    session.commit()
    with pytest.raises(IntegrityFault, match="Radios, version 1"):
        policy_text(version.id)


def test_what_was_never_published_is_not_found(session: Any) -> None:
    with pytest.raises(NotFound):
        current_version("sop-7")
    with pytest.raises(NotFound):
        get_version(1)


def test_due_review_is_flagged_once(session: Any) -> None:
    version = publish_policy(SMALL)
    assert flag_due_reviews(date(2025, 2, 27)) == 0
    assert flag_due_reviews(date(2025, 2, 28)) == 1
    assert flag_due_reviews(date(2025, 3, 1)) == 0
    session.commit()
    review = find_open_review(version.document_id)
    assert review is not None
    assert review.due_on == date(2025, 2, 28)
    assert find_review(version.id) is review
    assert [(r.id, v.document.slug) for r, v in list_open_reviews()] == [(review.id, "sop-7")]
    assert read_disclosures(review.record_id)["due_on"] == "2025-02-28"


def test_revising_ends_the_open_review(session: Any) -> None:
    version = publish_policy(SMALL)
    flag_due_reviews(date(2025, 3, 1))
    publish_policy(revised(date(2025, 3, 1)))
    session.commit()
    assert find_open_review(version.document_id) is None
    assert list_open_reviews() == []
    assert session.scalar(select(PolicyReview.outcome)) == "revised"
    assert named(session) == ""


def test_job_uses_the_department_day_and_says_what_it_did(session: Any) -> None:
    publish_policy(SMALL)
    with clock.at(datetime(2025, 2, 28, 3, 0, tzinfo=UTC)):
        assert flag_reviews_job(clock.now()) == "No policies are newly due for review."
    with clock.at(datetime(2025, 2, 28, 12, 0, tzinfo=UTC)):
        assert flag_reviews_job(clock.now()) == "One policy is newly due for review."
        assert flag_reviews_job(clock.now()) == "No policies are newly due for review."


def test_untouched_rows_have_no_fault(session: Any) -> None:
    publish_policy(shipped_policy())
    flag_due_reviews(date(2026, 1, 1))
    assert named(session) == ""


CHANGES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "clause": (
        lambda s: s.execute(update(Clause).where(Clause.ref == "IV.B.2.f").values(text="Officers may post.")),
        "policy sop-110, version 1: clause IV.B.2.f: differs from the ledger record",
    ),
    "taught": (
        lambda s: s.execute(update(Clause).where(Clause.ref == "IV.B.2.f").values(taught=False)),
        "clause IV.B.2.f: differs",
    ),
    "removed clause": (
        lambda s: s.execute(delete(Clause).where(Clause.ref == "IV.B.2.f")),
        "clause IV.B.2.f: The row is missing.",
    ),
    "renamed clause": (
        lambda s: s.execute(update(Clause).where(Clause.ref == "IV.B.2.f").values(ref="IV.B.2.z")),
        "clause IV.B.2.z: The ledger knows no such clause.",
    ),
    "moved clause": (
        lambda s: s.execute(update(Clause).where(Clause.ref == "IV.B.2.f").values(position=900)),
        "order of the clauses: differs",
    ),
    "text": (
        lambda s: s.execute(update(PolicyVersion).values(canonical=PolicyVersion.canonical + " ")),
        "version 1: text: differs",
    ),
    "dates": (
        lambda s: s.execute(update(PolicyVersion).values(revised_on=date(2026, 1, 1))),
        "revised_on: differs",
    ),
    "time": (
        lambda s: s.execute(update(PolicyVersion).values(published_at=datetime(2020, 1, 1, tzinfo=UTC))),
        "version 1: time: differs",
    ),
    "review": (
        lambda s: s.execute(update(PolicyReview).values(due_on=date(2030, 1, 1))),
        "review of policy sop-110, version 1: due_on: differs",
    ),
    "removed review": (
        lambda s: s.execute(delete(PolicyReview)),
        "review of policy sop-110, version 1: The row is missing.",
    ),
}


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_changed_row_is_named(name: str, session: Any) -> None:
    publish_policy(shipped_policy())
    flag_due_reviews(date(2026, 1, 1))
    session.commit()
    change, expected = CHANGES[name]
    change(session)
    assert expected in named(session)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"closed_at": None, "outcome": None}, "closed_at: is not when the next text was published"),
        ({"closed_at": datetime(2026, 1, 1, tzinfo=UTC)}, "closed_at: is not when the next text was published"),
        ({"outcome": "postponed"}, "outcome: is not what the texts on record say"),
    ],
)
def test_end_of_a_review_is_the_next_text(values: dict[str, Any], expected: str, session: Any) -> None:
    publish_policy(SMALL)
    flag_due_reviews(date(2025, 3, 1))
    publish_policy(revised(date(2025, 3, 1)))
    assert named(session) == ""
    session.execute(update(PolicyReview).values(**values))
    assert expected in named(session)


def test_review_closed_without_a_next_text_is_named(session: Any) -> None:
    publish_policy(SMALL)
    flag_due_reviews(date(2025, 3, 1))
    session.execute(update(PolicyReview).values(closed_at=datetime(2026, 1, 1, tzinfo=UTC), outcome="revised"))
    assert "closed_at: is not when" in named(session)


def test_row_that_the_ledger_never_saw_is_named(session: Any) -> None:
    version = publish_policy(SMALL)
    session.add(
        PolicyReview(
            version_id=version.id, due_on=date(2025, 1, 1), flagged_at=version.published_at, record_id=version.record_id
        )
    )
    assert "policy review 2025-01-01: The ledger has no record of this row." in named(session)
