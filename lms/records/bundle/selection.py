"""What a bundle is asked for: all records about one person, or all records of a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from lms.errors import Invalid
from lms.ledger.models import LedgerEntry
from lms.ledger.rules.disclosures import timestamp
from lms.records.rules import period_fault, period_moments


@dataclass(frozen=True, slots=True)
class Selection:
    """Either ``subject`` (such as ``person:42``) or a period of whole local days, both inclusive."""

    subject: str | None = None
    since_on: date | None = None
    until_on: date | None = None
    zone: str = "UTC"

    @classmethod
    def of_period(cls, since_on: date, until_on: date, zone: str) -> Selection:
        """All records of a period. Raises Invalid where it is none."""
        fault = period_fault(since_on, until_on)
        if fault is not None:
            raise Invalid(fault, field="until_on")
        return cls(since_on=since_on, until_on=until_on, zone=zone)

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """First moment and end (exclusive) of the period."""
        if self.since_on is None or self.until_on is None:
            raise ValueError("This selection is of a person, not of a period.")
        return period_moments(self.since_on, self.until_on, self.zone)

    def takes(self, entry: LedgerEntry) -> bool:
        """Whether a record belongs to it."""
        if self.subject is not None:
            return entry.subject == self.subject
        since, until = self.moments
        return since <= entry.at < until

    def told(self) -> dict[str, str]:
        """How the manifest names it: never by name or badge, which may have to be withheld."""
        if self.subject is not None:
            return {"subject": self.subject}
        since, until = self.moments
        told = {"since_on": str(self.since_on), "until_on": str(self.until_on), "time_zone": self.zone}
        return {**told, "since": timestamp(since), "until": timestamp(until)}
