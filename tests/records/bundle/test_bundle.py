"""A bundle as it leaves: complete, the same bytes each time, and checked by its own verifier."""

from __future__ import annotations

import base64
import json
import zipfile
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.attestation.models import Attestation
from lms.catalog.models import ContentPart
from lms.db import db
from lms.errors import IntegrityFault, Invalid, NotFound
from lms.ledger.actions import append, destroy_content, open_log, seal_checkpoint
from lms.ledger.models import LedgerAnchor, LedgerCheckpoint, LedgerEntry
from lms.ledger.operating import rotate_signing_key
from lms.ledger.place import Place, bind, current_place
from lms.ledger.queries import find_entry, newest_checkpoint, read_disclosures
from lms.policy.models import PolicyVersion
from lms.records import evidence
from lms.records.bundle.selection import Selection
from lms.roster.models import Person
from tests.factories.people import make_person
from tests.factories.training import make_ready_to_sign
from tests.records.bundle.conftest import make_bundle, run_verifier, unpack
from tests.records.bundle.forge import Authority
from tests.records.conftest import decline, sign

TODAY = clock.today("UTC")
PERIOD = Selection.of_period(TODAY - timedelta(days=1), TODAY + timedelta(days=1), "UTC")


def checkpoint_file(folder: Path) -> Path:
    newest = newest_checkpoint()
    assert newest is not None
    (folder / "newest.txt").write_text(newest.note, encoding="utf-8")
    return folder / "newest.txt"


def names_of(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_the_verifier_inside_finds_everything_in_order(bundle: Path, held: Path, tmp_path: Path) -> None:
    inside = unpack(bundle, tmp_path / "unpacked")
    for given in (bundle, inside):
        done = run_verifier(given, "--checkpoint", held, script=inside / "verify.py")
        assert done.returncode == 0, done.stdout + done.stderr
    assert run_verifier(bundle).returncode == 3


def test_it_holds_what_it_must(bundle: Path, person: Person, signed: Attestation, tmp_path: Path) -> None:
    folder = unpack(bundle, tmp_path / "unpacked")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["selection"] == {"subject": person.subject}
    entry = find_entry(signed.record_id)
    assert entry is not None
    record = json.loads((folder / f"records/{entry.position:09d}-{entry.record_id}.json").read_text())
    assert record["entry"] == entry.entry
    assert record["disclosures"] == list(read_disclosures(entry.record_id).encoded)
    policy = db.session.scalars(select(PolicyVersion)).one()
    assert (folder / f"content/{policy.sha256}.json").read_text() == policy.canonical
    for part in db.session.scalars(select(ContentPart)):
        assert (folder / f"content/{part.sha256}.json").read_text() == part.body
    chain = json.loads((folder / "chains/person-1.json").read_text())
    assert [link["subject_seq"] for link in chain["links"]] == list(range(1, 14))
    assert "DRAFT. ASK COUNSEL" in (folder / "certificate-draft.txt").read_text()
    readme = (folder / "README.txt").read_text()
    assert "What this cannot show" in readme
    assert "python3 verify.py BUNDLE --checkpoint FILE" in readme
    assert max(map(len, readme.splitlines())) <= 120
    assert readme.isascii() or "“" in readme


def test_the_same_request_over_the_same_state_gives_the_same_bytes(
    bundle: Path, person: Person, tmp_path: Path
) -> None:
    """Though the note of the first bundle is on the ledger by now, and under a checkpoint of its own."""
    seal_checkpoint()
    db.session.commit()
    again = make_bundle(tmp_path, "again.zip", person=person)
    assert (tmp_path / "again.zip").read_bytes() == bundle.read_bytes()
    make_person()
    later = make_bundle(tmp_path, "later.zip", person=person)
    assert (tmp_path / "later.zip").read_bytes() != bundle.read_bytes()
    assert later.size is not None
    assert again.size is not None
    assert later.size > again.size
    make_bundle(tmp_path, "at.zip", person=person, size=again.size)
    assert (tmp_path / "at.zip").read_bytes() == bundle.read_bytes()


def test_that_it_left_is_on_the_ledger_and_in_the_next_bundle(bundle: Path, person: Person, tmp_path: Path) -> None:
    entry = db.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == evidence.EXPORTED)).one()
    fields = read_disclosures(entry.record_id)
    assert fields["sha256"] == sha256(bundle.read_bytes()).hexdigest()
    assert fields["exported_by"] == "command line"
    assert list(evidence.check_rows()) == []
    make_person()
    make_bundle(tmp_path, "next.zip", person=db.session.get_one(Person, 1))
    assert f"proofs/{entry.record_id}.tlog-proof" in names_of(tmp_path / "next.zip")


def test_a_period_with_two_officers_declines_and_a_new_key(app: Flask, signed: Attestation, tmp_path: Path) -> None:
    other = make_person(given_name="Bo", family_name="Lind", badge="5120")
    decline(other, make_ready_to_sign(other), [make_person(), make_person()])
    with clock.at(clock.now() + timedelta(days=366)):
        assert rotate_signing_key() is not None
        db.session.commit()
        seal_checkpoint()
        db.session.commit()
        period = Selection.of_period(TODAY - timedelta(days=1), TODAY + timedelta(days=400), "America/New_York")
        made = make_bundle(tmp_path, period=period)
        held = checkpoint_file(tmp_path)
    done = run_verifier(tmp_path / "bundle.zip", "--checkpoint", held)
    assert done.returncode in (0, 3), done.stdout
    assert f"all {made.count} records of the period" in done.stdout
    assert "2 known" in done.stdout
    assert "2 given" not in done.stdout


def test_a_period_has_its_records_and_what_they_rest_on(app: Flask, signed: Attestation, tmp_path: Path) -> None:
    person = db.session.get_one(Person, signed.person_id)
    with clock.at(clock.now() + timedelta(days=40)):
        sign(person, make_ready_to_sign(person, cycle="later", slug="again"))
        day = clock.today("UTC")
        make_bundle(tmp_path, period=Selection.of_period(day, day, "UTC"))
        held = checkpoint_file(tmp_path)
    folder = unpack(tmp_path / "bundle.zip", tmp_path / "unpacked")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["selected_records"] < manifest["records"]
    done = run_verifier(folder, "--checkpoint", held)
    assert done.returncode == 0, done.stdout
    chain = json.loads((folder / "chains/person-1.json").read_text())
    assert len(chain["links"]) > manifest["selected_records"] - 2


def test_disposed_content_stays_out_and_the_proof_holds(
    app: Flask, signed: Attestation, person: Person, tmp_path: Path
) -> None:
    destroy_content(signed.record_id)
    append(kind="test.disposed", fields={"what": signed.record_id})
    db.session.commit()
    make_bundle(tmp_path, person=person)
    done = run_verifier(tmp_path / "bundle.zip", "--checkpoint", checkpoint_file(tmp_path))
    assert "the content of 1 was disposed of" in done.stdout
    assert done.returncode in (0, 3), done.stdout


def test_a_log_that_continues_another_one_and_both_in_one_bundle(
    app: Flask, signed: Attestation, person: Person, tmp_path: Path
) -> None:
    folder, cited = current_place().folder, newest_checkpoint()
    assert cited is not None
    open_log("rollcall.test/log-2", continues=cited.note)
    db.session.commit()
    bind(app, Place("rollcall.test/log-2", folder))
    append(kind="test.later", fields={"what": "after the backup"}, subject=person.subject)
    db.session.commit()
    made = make_bundle(tmp_path, person=person)
    assert made.log == "rollcall.test/log-2"
    held = checkpoint_file(tmp_path)
    done = run_verifier(tmp_path / "bundle.zip", "--checkpoint", held)
    assert done.returncode == 0, done.stdout
    assert "2, 14 records" in done.stdout
    (tmp_path / "old.txt").write_text(cited.note, encoding="utf-8")
    done = run_verifier(tmp_path / "bundle.zip", "--checkpoint", tmp_path / "old.txt")
    assert done.returncode == 3, done.stdout
    assert "of rollcall.test/log-2" in done.stdout


def test_time_stamps_travel_with_it(app: Flask, signed: Attestation, person: Person, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    (tmp_path / "authorities").mkdir()
    (tmp_path / "authorities/one.pem").write_bytes(authority.ca.read_bytes())
    for checkpoint in db.session.scalars(select(LedgerCheckpoint)).all():
        token = authority.stamp(checkpoint.note)
        row = LedgerAnchor(checkpoint_id=checkpoint.id, kind="rfc3161", authority="https://tsa.example", tries=1)
        row.token, row.anchored_at = token, clock.now()
        db.session.add(row)
    db.session.commit()
    make_bundle(tmp_path, person=person)
    assert "anchors/authorities/one.pem" in names_of(tmp_path / "bundle.zip")
    done = run_verifier(tmp_path / "bundle.zip", "--authority-ca", authority.ca)
    assert done.returncode == 0, done.stdout
    assert run_verifier(tmp_path / "bundle.zip").returncode == 3


def test_a_damaged_record_stops_the_bundle_and_leaves_nothing(
    app: Flask, signed: Attestation, person: Person, tmp_path: Path
) -> None:
    db.session.rollback()
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TRIGGER ledger_disclosure_no_update")
    else:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    connection.exec_driver_sql("UPDATE ledger_disclosure SET nonce = sealed")
    db.session.commit()
    with pytest.raises(IntegrityFault, match="is not what was recorded"):
        make_bundle(tmp_path, person=person)
    assert not list(tmp_path.glob("*.zip")) + list(tmp_path.glob("*.part"))
    assert not db.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == evidence.EXPORTED)).all()


def test_nothing_selected_and_nothing_sealed(app: Flask, signed: Attestation, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no records in this selection"):
        make_bundle(tmp_path, period=Selection.of_period(TODAY.replace(year=2001), TODAY.replace(year=2002), "UTC"))
    with pytest.raises(NotFound, match="no signed checkpoint of size 1"):
        make_bundle(tmp_path, period=PERIOD, size=1)
    with pytest.raises(Invalid, match="before the first"):
        Selection.of_period(TODAY, TODAY - timedelta(days=1), "UTC")


# ------------------------------------------------------------------ redaction

REDACT = """
withhold:
  - field: ip
    exemption: "Law 12, section 3(A)"
  - field: user_agent
    kind: attestation.signed
    exemption: "Law 12, section 3(A)"
  - {field: reservation, exemption: "Law 7"}
"""


def test_withheld_fields_are_nowhere_in_the_bundle(
    app: Flask, signed: Attestation, person: Person, tmp_path: Path
) -> None:
    made = make_bundle(tmp_path, person=person, redaction=REDACT)
    assert made.withheld == 3
    done = run_verifier(tmp_path / "bundle.zip", "--checkpoint", checkpoint_file(tmp_path))
    assert done.returncode == 0, done.stdout
    assert "3, each with an exemption" in done.stdout
    folder = unpack(tmp_path / "bundle.zip", tmp_path / "unpacked")
    index = json.loads((folder / "redactions.json").read_text())
    assert {(line["name"], line["exemption"]) for line in index} == {
        ("ip", "Law 12, section 3(A)"), ("user_agent", "Law 12, section 3(A)"), ("reservation", "Law 7"),
    }  # fmt: skip
    raw = (tmp_path / "bundle.zip").read_bytes()
    encoded = read_disclosures(signed.record_id).encoded
    for name, text in zip(read_disclosures(signed.record_id), encoded, strict=True):
        assert (text.encode() in raw) == (name not in ("ip", "user_agent", "reservation")), name
    for secret in (b"203.0.113.7", b"a browser", b"motorcycle"):
        assert secret not in raw
        for path in (folder / "records").iterdir():
            for disclosure in json.loads(path.read_text())["disclosures"]:
                assert secret not in _decoded(disclosure)


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_withheld_text_that_still_stands_elsewhere_stops_the_bundle(
    app: Flask, signed: Attestation, person: Person, tmp_path: Path
) -> None:
    text = "withhold: [{field: printed_name, exemption: Law 1}]"
    with pytest.raises(Invalid, match=r"still stands in other fields.*roster\.person_added"):
        make_bundle(tmp_path, person=person, redaction=text)
    assert not list(tmp_path.glob("*.zip"))
    open_ = "withhold: [{field: printed_name, exemption: Law 1, elsewhere: show}]"
    assert make_bundle(tmp_path, person=person, redaction=open_).withheld == 1


def test_neither_name_nor_badge_stands_in_what_the_bundle_says_itself(
    bundle: Path, person: Person, tmp_path: Path
) -> None:
    folder = unpack(bundle, tmp_path / "unpacked")
    for path in folder.rglob("*"):
        if path.is_file() and path.parent.name not in ("records", "content"):
            text = path.read_bytes()
            assert b"Alma" not in text, path
            assert b"Reyes" not in text, path


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("withhold:\n- field: ipp\n  exemption: x\n", "line 2: no record of this selection has a field 'ipp'"),
        ("withhold:\n\n- field: ip\n  kind: no.such\n  exemption: x", "line 3: there are no records of the kind"),
        ("withhold:\n- field: ip\n  kind: roster.person_added\n  exemption: x", "line 2: no record of this selection"),
        (
            "withhold:\n- {field: ip, exemption: x, records: [00000000-0000-0000-0000-000000000000]}",
            "line 2: there is no record 00000000",
        ),
    ],
)
def test_rules_that_fit_nothing_are_refused_with_their_line(
    app: Flask, signed: Attestation, person: Person, tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(Invalid) as refused:
        make_bundle(tmp_path, person=person, redaction=text)
    assert says in refused.value.message


def test_the_command(app: Flask, signed: Attestation, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from lms.records.cli import records

    out = tmp_path / "out.zip"

    def command(*given: str) -> tuple[int, str]:
        result = CliRunner().invoke(records, ["bundle", *given])
        return result.exit_code, result.output + repr(result.exception or "")

    code, said = command("--person", "4417", "--out", str(out), "--by", "4417")
    assert code == 0, said
    assert f"SHA-256 {sha256(out.read_bytes()).hexdigest()}" in said
    assert command("--person", "4417", "--out", str(out))[0] == 1
    assert command("--out", str(tmp_path / "x.zip"))[0] == 2
    assert command("--person", "4417", "--since", "2026-01-01", "--out", str(tmp_path / "x.zip"))[0] == 2
    assert command("--since", "2026-01-01", "--out", str(tmp_path / "x.zip"))[0] == 2
    assert "Nobody on the roster" in command("--person", "0", "--out", str(tmp_path / "x.zip"))[1]
    (tmp_path / "r.yaml").write_text(REDACT)
    code, said = command("--person", "4417", "--redact", str(tmp_path / "r.yaml"), "--out", str(tmp_path / "r.zip"))
    assert code == 0, said
    assert "3 fields are withheld" in said
