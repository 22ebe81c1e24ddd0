"""Builds a bundle: one pass over the selected records, in flat memory, over one state of the log."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import lms.catalog.evidence
import lms.policy.evidence
from lms import resources
from lms.errors import Invalid, NotFound
from lms.ledger.opened import Disclosed, StoredRow, require_opened
from lms.ledger.rules.disclosures import decode, timestamp
from lms.ledger.rules.entries import Entry, parse
from lms.records.bundle import reading, texts
from lms.records.bundle.archive import BundleArchive, spool
from lms.records.bundle.content import Versions, iter_texts, texts_in
from lms.records.bundle.leaks import LeakFinder
from lms.records.bundle.plain import base64_of, json_lines, json_of
from lms.records.bundle.proving import inclusion_texts
from lms.records.bundle.reading import LogState, Stamped
from lms.records.bundle.redaction import PROOF, NameCheck, Redaction
from lms.records.bundle.selection import Selection
from lms.records.bundle.witnesses import key_history, write_checkpoints

FORMAT = "rollcall-bundle@v1"
RECEIPTED = frozenset({"attestation.signed", "attestation.declined"})
"""Kinds of which the officer holds a receipt, and with it a checkpoint."""
RESTED_ON = frozenset({*reading.KEY_EVENTS, lms.policy.evidence.PUBLISHED, lms.catalog.evidence.PUBLISHED})
"""Kinds on which other records rest; each stands in a bundle once."""
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
Progress = Callable[[int, int], None]


def say_nothing(done: int, total: int) -> None:
    """The progress of which nobody wants to hear."""


@dataclass(frozen=True, slots=True)
class Built:
    """What came out."""

    records: int
    withheld: int
    bytes: int


@dataclass(slots=True)
class _Log:
    """What one pass over a log gathers."""

    state: LogState
    stamped: Stamped
    sizes: set[int] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)


def build_bundle(
    out: IO[bytes],
    states: Sequence[LogState],
    selection: Selection,
    redaction: Redaction,
    *,
    authorities: Iterable[Path] = (),
    progress: Progress = say_nothing,
) -> Built:
    """Writes the bundle to ``out``.

    Run it inside ``snapshot``. Raises NotFound where nothing was selected, Invalid where the redaction does not fit
    or a withheld text would still leave, IntegrityFault where a record is not what was recorded.
    """
    with ExitStack() as stack:
        archive = stack.enter_context(BundleArchive(out))
        builder = _Builder(archive, states, selection, redaction, progress)
        stack.callback(builder.redactions.close)
        return builder.run(authorities)


class _Builder:
    def __init__(
        self,
        archive: BundleArchive,
        states: Sequence[LogState],
        selection: Selection,
        redaction: Redaction,
        progress: Progress,
    ) -> None:
        self.archive, self.selection, self.redaction, self.progress = archive, selection, redaction, progress
        self.logs = [_Log(state, Stamped(state)) for state in states]
        self.states = list(states)
        self.versions, self.leaks = Versions(), LeakFinder()
        self.redactions = spool()
        self.records = self.withheld = 0
        self.rested_on = set[str]()
        self.total = reading.count_selected(states, selection) * (2 if redaction else 1)
        self.done = 0

    def run(self, authorities: Iterable[Path]) -> Built:
        if self.redaction:
            self._learn_what_is_withheld()
        self.archive.add("README.txt", texts.readme(self.states, self.selection))
        self.archive.add("verify.py", (resources.folder("verifier") / "verify.py").read_bytes())
        self.archive.add("certificate-draft.txt", texts.certificate(self.states))
        for log in self.logs:
            for rows in reading.iter_selected(log.state, self.selection):
                self._write_records(log, rows)
                self._step(len(rows))
        if not self.records:
            raise NotFound("There are no records in this selection. No bundle was made.")
        selected = self.records
        self._write_what_they_rest_on()
        for log in self.logs:
            for subject in sorted(log.subjects):
                self._write_chain(log, subject)
        self.archive.add("keys/history.json", key_history(self.states))
        write_checkpoints(self.archive, [(log.state, log.sizes) for log in self.logs], authorities)
        self._write_redactions()
        self._refuse_leaks()
        size = self.archive.finish(self._manifest(selected))
        return Built(selected, self.withheld, size)

    def _step(self, count: int) -> None:
        self.done += count
        self.progress(min(self.done, self.total), self.total)

    def _learn_what_is_withheld(self) -> None:
        """A first reading: are the rules' names known, and which texts must not leave anywhere?"""
        names = NameCheck(self.redaction)
        for log in self.logs:
            for rows in reading.iter_selected(log.state, self.selection):
                for row in rows:
                    opened, stored = require_opened(row), row[0]
                    shown = {**opened.values_by_name, **({} if opened.proof is None else {PROOF: opened.proof})}
                    names.see(stored.record_id, stored.kind, shown)
                    for name, value in shown.items():
                        rule = self.redaction.rule_for(stored.record_id, stored.kind, name)
                        if rule is not None and not rule.shown_elsewhere:
                            self.leaks.withhold(value)
                self._step(len(rows))
        names.require_known()

    def _write_records(self, log: _Log, rows: Sequence[StoredRow]) -> None:
        proofs = inclusion_texts(log.state, [row[0] for row in rows])
        for row, proof in zip(rows, proofs, strict=True):
            stored, opened = row[0], require_opened(row)
            path = f"records/{stored.position:09d}-{stored.record_id}.json"
            self.archive.add(path, self._record_text(row, opened))
            self.archive.add(f"proofs/{stored.record_id}.tlog-proof", proof)
            log.sizes.update(log.stamped.around(stored.position))
            if stored.kind in RECEIPTED:
                log.sizes.add(reading.first_size_over(log.state, stored.position))
            if stored.subject is not None:
                log.subjects.add(stored.subject)
            if stored.kind in RESTED_ON:
                self.rested_on.add(stored.record_id)
            self.records += 1

    def _record_text(self, row: StoredRow, opened: Disclosed) -> str:
        stored, entry = row[0], parse(row[0].entry)
        record: dict[str, Any] = {"entry": stored.entry, "disclosures": [], "proof": None, "withheld": []}
        if opened.destroyed_at is not None:
            return json_of({**record, "destroyed_at": timestamp(opened.destroyed_at)})
        for name, text in zip(opened.values_by_name, opened.encoded, strict=True):
            if self._shows(entry, stored.position, name, text, record["withheld"]):
                record["disclosures"].append(text)
                self._look(stored.kind, name, opened.values_by_name[name])
        text = opened.proof_encoded or ""
        if self._shows(entry, stored.position, PROOF, text, record["withheld"]):
            record["proof"] = text
            self._look(stored.kind, PROOF, opened.proof)
        return json_of(record)

    def _shows(self, entry: Entry, position: int, name: str, text: str, withheld: list[dict[str, str]]) -> bool:
        """Whether a field is shown; one that is not goes to the redaction index."""
        rule = self.redaction.rule_for(entry.record_id, entry.kind, name) if self.redaction else None
        if rule is None:
            return True
        line = {"name": name, "digest": decode(text).digest, "exemption": rule.exemption}
        withheld.append(line)
        told = {"record_id": entry.record_id, "position": position, "log": entry.log, "kind": entry.kind, **line}
        self.redactions.write((",\n" if self.withheld else "\n").encode() + b"  " + json.dumps(told).encode())
        self.withheld += 1
        return False

    def _look(self, kind: str, name: str, value: Any) -> None:
        self.versions.see(value)
        self.leaks.look_at(f"{kind}: {name}", value)

    def _write_what_they_rest_on(self) -> None:
        """Key events, then the publications that records name and the texts that these published."""
        by_log = {log.state.log_id: log for log in self.logs}
        for state, row in reading.read_by_ids(self.states, reading.list_key_events()):
            self._write_further(by_log[state.log_id], [row])
        index, written, named = [], set[str](), self.versions.named()
        for state, row in reading.read_by_ids(self.states, [version.record_id for version in named]):
            self._write_further(by_log[state.log_id], [row])
        for version in named:
            index.append(version.told())
            for digest, text in iter_texts(version):
                if digest not in written:
                    self.archive.add(f"content/{digest}.json", text)
                    self.leaks.look_at(f"text of {version.what} {version.slug}", texts_in(text))
                    written.add(digest)
        self.archive.add("content/index.json", json_lines(index))

    def _write_further(self, log: _Log, rows: Sequence[StoredRow]) -> None:
        further = [row for row in rows if row[0].record_id not in self.rested_on]
        if further:
            self._write_records(log, further)

    def _write_chain(self, log: _Log, subject: str) -> None:
        links = [
            {"subject_seq": number, "position": position, "record_id": record_id, "leaf": leaf.hex(), "kind": kind}
            for number, position, record_id, leaf, kind in reading.read_chain(log.state, subject)
        ]
        head = {"log": log.state.origin, "subject": subject, "links": links}
        self.archive.add(f"chains/{log.state.folder}{_UNSAFE.sub('-', subject)}.json", json_of(head))

    def _write_redactions(self) -> None:
        with spool() as whole:
            whole.write(b"[")
            self.redactions.seek(0)
            while block := self.redactions.read(64 * 1024):
                whole.write(block)
            whole.write(b"\n]\n" if self.withheld else b"]\n")
            self.archive.add_spooled("redactions.json", whole)

    def _refuse_leaks(self) -> None:
        places = self.leaks.found()
        if places:
            raise Invalid(
                "A withheld text still stands in other fields, so no bundle was made: " + "; ".join(places) + ". "
                "Withhold it there too, or say “elsewhere: show” in the rule.",
                field="redaction",
            )

    def _manifest(self, selected: int) -> list[tuple[str, str]]:
        newest = self.states[-1]
        facts: list[tuple[str, Any]] = [
            ("format", FORMAT),
            ("log", newest.origin),
            ("size", newest.size),
            ("root", base64_of(newest.root)),
            ("earlier_logs", [{"log": s.origin, "size": s.size, "root": base64_of(s.root)} for s in self.states[:-1]]),
            ("selection", self.selection.told()),
            ("selected_records", selected),
            ("records", self.records),
            ("withheld_fields", self.withheld),
        ]
        return [(name, json.dumps(value)) for name, value in facts]
