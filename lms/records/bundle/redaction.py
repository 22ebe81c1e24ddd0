"""The redaction file: which fields of which records are withheld, and the exemption cited for each.

YAML or JSON (which is read as YAML)::

    withhold:
      - field: ip
        exemption: the law and the section, as counsel gives it
      - field: reservation
        kind: attestation.signed
        records: [0b5c…]
        exemption: …
        elsewhere: show

The product knows no exemption of its own. ``elsewhere: show`` lets the same words stand in other fields; without it a
bundle in which a withheld text still stands somewhere is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from lms.errors import Invalid
from lms.ledger.rules.entries import EntryError, require_record_id

LARGEST_FILE = 256 * 1024
PROOF = "proof"
KEPT_FIELDS = frozenset({"subject", "subject_seq", "prev_subject_leaf", "supersedes", "clock_went_back_to"})
"""The ledger's own fields. They hold no personal data, and without them a missing record would not show."""
_NAMES = {"field", "kind", "records", "exemption", "elsewhere"}


@dataclass(frozen=True, slots=True)
class Withhold:
    """One rule. ``kind`` None is every kind, ``records`` empty is every record."""

    field: str
    exemption: str
    line: int
    kind: str | None = None
    records: frozenset[str] = frozenset()
    shown_elsewhere: bool = False

    def fits(self, record_id: str, kind: str, name: str) -> bool:
        """Whether it withholds this field of this record."""
        return self.field == name and self.kind in (None, kind) and (not self.records or record_id in self.records)


@dataclass(frozen=True, slots=True)
class Redaction:
    """All rules of a file, in its order; the first that fits counts."""

    rules: tuple[Withhold, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rules)

    def rule_for(self, record_id: str, kind: str, name: str) -> Withhold | None:
        """The rule that withholds this field, or None where it is shown."""
        return next((rule for rule in self.rules if rule.fits(record_id, kind, name)), None)


class NameCheck:
    """Finds rules that fit nothing in the selection, which are most often slips of the pen."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._asked = frozenset(record for rule in redaction.rules for record in rule.records)
        self._fields: set[tuple[str, str]] = set()
        self._records: set[str] = set()

    def see(self, record_id: str, kind: str, names: Iterable[str]) -> None:
        """Notes one record of the selection."""
        self._fields.update((kind, name) for name in names)
        if record_id in self._asked:
            self._records.add(record_id)

    def require_known(self) -> None:
        """Raises Invalid with every line that names what the selection does not have."""
        faults = []
        kinds = {kind for kind, _ in self._fields}
        for rule in self._redaction.rules:
            if rule.kind is not None and rule.kind not in kinds:
                faults.append(f"line {rule.line}: there are no records of the kind {rule.kind!r} in this selection.")
            elif not any(rule.field == name and rule.kind in (None, kind) for kind, name in self._fields):
                faults.append(f"line {rule.line}: no record of this selection has a field {rule.field!r}.")
            for record in sorted(rule.records - self._records):
                faults.append(f"line {rule.line}: there is no record {record} in this selection.")
        if faults:
            raise Invalid("The redaction file does not fit: " + " ".join(faults), field="redaction")


def parse_redaction(text: str) -> Redaction:
    """Reads a redaction file. Raises Invalid with every fault and its line."""
    if len(text.encode("utf-8")) > LARGEST_FILE:
        raise Invalid("The redaction file is larger than 256 KB.", field="redaction")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise Invalid("The redaction file uses YAML aliases (*name); write each rule out.", field="redaction")
        root = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" in line {mark.line + 1}"
        raise Invalid(f"The redaction file is not YAML or JSON{where}.", field="redaction") from error
    reader = _Reader()
    rules = reader.rules(root)
    if reader.faults:
        raise Invalid("The redaction file cannot be used: " + " ".join(reader.faults), field="redaction")
    return Redaction(tuple(rules))


class _Reader:
    """Reads nodes with their lines, and collects what is wrong."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def rules(self, root: Any) -> list[Withhold]:
        members = self._members(root, {"withhold"}, "The file")
        listed = members.get("withhold")
        if not isinstance(listed, yaml.SequenceNode) or not listed.value:
            self._fault(root, "write a list of rules under withhold.")
            return []
        found = [self._rule(node) for node in listed.value]
        return [rule for rule in found if rule is not None]

    def _rule(self, node: Any) -> Withhold | None:
        members = self._members(node, _NAMES, "A rule")
        before = len(self.faults)
        field, exemption = (self._text(node, members, name) for name in ("field", "exemption"))
        kind = self._text(node, members, "kind") if "kind" in members else None
        records = self._records(members.get("records"))
        elsewhere = self._text(node, members, "elsewhere") if "elsewhere" in members else ""
        if elsewhere not in ("", "show"):
            self._fault(members["elsewhere"], "elsewhere can only be show.")
        if field in KEPT_FIELDS:
            self._fault(members["field"], f"{field} is the ledger's own field and holds no personal data; it stays.")
        if len(self.faults) > before or not field or not exemption:
            return None
        return Withhold(field, exemption, node.start_mark.line + 1, kind, records, elsewhere == "show")

    def _members(self, node: Any, known: set[str], what: str) -> dict[str, Any]:
        if not isinstance(node, yaml.MappingNode):
            self._fault(node, f"{what} must be written as name: value.")
            return {}
        members: dict[str, Any] = {}
        for key, value in node.value:
            if key.value not in known:
                self._fault(key, f"{key.value!r} is not known; there are {', '.join(sorted(known))}.")
            elif key.value in members:
                self._fault(key, f"{key.value} stands here twice.")
            members[str(key.value)] = value
        return members

    def _text(self, node: Any, members: dict[str, Any], name: str) -> str:
        value = members.get(name)
        if not isinstance(value, yaml.ScalarNode) or not value.value.strip():
            self._fault(value or node, f"{name} must be given as text.")
            return ""
        return str(value.value).strip()

    def _records(self, node: Any) -> frozenset[str]:
        if node is None:
            return frozenset()
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._fault(node, "records must be a list of record ids.")
            return frozenset()
        found = set()
        for item in node.value:
            try:
                require_record_id(str(item.value))
                found.add(str(item.value))
            except EntryError as error:
                self._fault(item, str(error))
        return frozenset(found)

    def _fault(self, node: Any, what: str) -> None:
        line = 1 if node is None else node.start_mark.line + 1
        self.faults.append(f"line {line}: {what}")
