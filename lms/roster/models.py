"""Tables of the roster: units, people, leave, and the roles that people hold."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.db import Base, UtcDateTime
from lms.roster.rules import full_name, subject_of


class Unit(Base):
    """A part of the department: a bureau, a shift, a detail."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))


class Person(Base):
    """A member of the department, present or former. Rows are never deleted."""

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_name", "family_name", "given_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    badge: Mapped[str] = mapped_column(String(20), unique=True)
    """Badge or employee number, as the department writes it."""
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Lower case."""
    given_name: Mapped[str] = mapped_column(String(80))
    family_name: Mapped[str] = mapped_column(String(80))
    former_names: Mapped[str] = mapped_column(Text, default="")
    """Earlier full names, one a line, so that a search finds the person by them."""
    rank: Mapped[str] = mapped_column(String(60))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"), index=True)
    supervisor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    flags: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Assignment flags such as ``undercover`` that an audience may name."""
    hired_on: Mapped[date] = mapped_column(Date)
    rehired_on: Mapped[date | None] = mapped_column(Date)
    separated_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    unit: Mapped[Unit] = relationship(lazy="raise")
    supervisor: Mapped[Person | None] = relationship(remote_side="Person.id", lazy="raise")

    @property
    def full_name(self) -> str:
        """Given and family name, as it is printed on what the person signs."""
        return full_name(self.given_name, self.family_name)

    @property
    def subject(self) -> str:
        """How the ledger names this person."""
        return subject_of(self.id)

    @property
    def service_began_on(self) -> date:
        """The date from which on-hire training counts: the rehire date where there is one."""
        return self.rehired_on or self.hired_on


class Leave(Base):
    """A time away. HR alone sees ``kind`` and ``note``; everybody else sees "on leave"."""

    __tablename__ = "leave"
    __table_args__ = (Index("ix_leave_person_id_starts_on", "person_id", "starts_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(20))
    """military, medical, family or administrative."""
    note: Mapped[str] = mapped_column(Text, default="")
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    """Last day away; empty while the return date is not known."""
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the days away were given back to open assignments, after the return."""

    person: Mapped[Person] = relationship(lazy="raise")


class RoleGrant(Base):
    """A role that a person holds beside being an officer. Each change is also a ledger record."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("person_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    role: Mapped[str] = mapped_column(String(30))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
