"""The verifier against an attacker who changes a bundle, and who also makes every hash of the manifest fit again.

Everything here is made by hand, by a second implementation of tree and notes; nothing of the application takes part.
"""

from __future__ import annotations

import ast
import base64
import json
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.records.bundle import naive
from tests.records.bundle.conftest import VERIFY, Run, run_verifier
from tests.records.bundle.forge import (
    KEY,
    ORIGIN,
    POLICY_SHA256,
    Fact,
    Log,
    change,
    facts,
    put,
    write,
    write_manifest,
)

STOLEN = KEY
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def folder(log: Log, tmp_path: Path) -> Path:
    return write(tmp_path / "bundle", log, sizes=(3, 6))


@pytest.fixture
def held(log: Log, tmp_path: Path) -> Path:
    path = tmp_path / "held.txt"
    path.write_text(log.note(), encoding="utf-8")
    return path


def file_of(folder: Path, log: Log, place: int) -> str:
    return f"records/{place:09d}-{log.records[place].id}.json"


def test_a_bundle_made_by_hand_holds(run: Run, folder: Path, held: Path) -> None:
    code, said = run(folder, "--checkpoint", held)
    assert code == 0, said
    assert "all 4 records of person:1" in said
    assert "6 of 6 records are under them" in said


def test_it_runs_without_site_packages_and_in_any_language(folder: Path, held: Path) -> None:
    done = run_verifier(folder, "--checkpoint", held)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_one_file_of_old_python_and_the_standard_library() -> None:
    tree = ast.parse(VERIFY.read_text(encoding="utf-8"), feature_version=(3, 8))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert {name.partition(".")[0] for name in modules} <= sys.stdlib_module_names
    assert not {"socket", "urllib", "http", "ssl", "importlib"} & set(modules)


def test_without_anything_from_outside_it_says_so(run: Run, folder: Path) -> None:
    code, said = run(folder)
    assert code == 3
    assert "no checkpoint was given from outside" in said


@pytest.mark.parametrize(
    "arguments",
    [[], ["nowhere.zip"], ["x", "--key", "nonsense"], ["x", "--checkpoint", "nowhere"], ["x", "--authority-ca", "no"]],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    done = run_verifier(Path(arguments[0] if arguments else "--no-such-option"), *arguments[1:])
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stderr


# ------------------------------------------------------------------ an edit


def test_an_edited_field_is_named(run: Run, folder: Path, held: Path, log: Log) -> None:
    forged = Log.disclose(5, "printed_name", "Somebody Else")

    def edit(record: dict[str, Any]) -> None:
        record["disclosures"][0] = forged

    change(folder, file_of(folder, log, 5), edit)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert f"record {log.records[5].id}, field printed_name" in said


def test_an_edited_entry_is_named(run: Run, folder: Path, held: Path, log: Log) -> None:
    def edit(record: dict[str, Any]) -> None:
        record["entry"] = record["entry"].replace('"at":"2026-03-02T14:40', '"at":"2026-03-02T14:41')

    change(folder, file_of(folder, log, 5), edit)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert f"record {log.records[5].id}: the record is not the one under the checkpoint" in said


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (lambda text: text.replace('"v":1', '"v":2'), "field v"),
        (lambda text: text.replace('"schema":1', '"schema":1.0'), "field entry"),
        (lambda text: text.replace('{"core"', '{ "core"'), "field entry"),
        (lambda text: text.replace(".000000Z", "Z"), "field at"),
        (lambda text: text.replace('"v":1}', '"v":1,"x":1}'), "field entry"),
        (lambda text: text.replace("{", "{" * 5000, 1), "field entry"),
        (lambda text: text.replace('"log":"', '"log":"x'), "field log"),
    ],
)
def test_entries_that_are_not_in_the_one_form(
    run: Run, folder: Path, held: Path, log: Log, edit: Callable[[str], str], field: str
) -> None:
    change(folder, file_of(folder, log, 5), lambda record: {**record, "entry": edit(record["entry"])})
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert f"record {log.records[5].id}, {field}" in said


def test_swapped_disclosures_of_two_officers(run: Run, tmp_path: Path, held: Path, log: Log) -> None:
    folder = write(tmp_path / "all", log, subject=None)
    mine, theirs = (json.loads((folder / file_of(folder, log, place)).read_text()) for place in (5, 6))
    for place, own, other in ((5, mine, theirs), (6, theirs, mine)):
        put(folder, file_of(folder, log, place), {**own, "disclosures": other["disclosures"]})
    write_manifest(folder)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    for place in (5, 6):
        assert f"record {log.records[place].id}, field printed_name" in said


def test_a_field_that_is_disclosed_twice(run: Run, folder: Path, held: Path, log: Log) -> None:
    def edit(record: dict[str, Any]) -> None:
        record["disclosures"].append(record["disclosures"][0])

    change(folder, file_of(folder, log, 5), edit)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert "field printed_name: is disclosed twice" in said


def test_a_field_that_is_left_out_silently(run: Run, folder: Path, held: Path, log: Log) -> None:
    def edit(record: dict[str, Any]) -> None:
        record["disclosures"].pop()

    change(folder, file_of(folder, log, 5), edit)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert "1 fields are missing and are not listed as withheld" in said


# ------------------------------------------------------------------ a removal


def remove(folder: Path, log: Log, place: int) -> None:
    (folder / file_of(folder, log, place)).unlink()
    (folder / f"proofs/{log.records[place].id}.tlog-proof").unlink()
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["records"] -= 1
    manifest["selected_records"] -= 1
    write_manifest(folder, manifest)


def test_a_removed_record_is_named_by_the_chain(run: Run, folder: Path, held: Path, log: Log) -> None:
    remove(folder, log, 4)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert f"record {log.records[4].id}: number 2 of person:1 is not in the bundle" in said


def test_a_record_removed_from_the_chain_too_shows_in_the_one_after_it(
    run: Run, folder: Path, held: Path, log: Log
) -> None:
    remove(folder, log, 4)

    def cut(chain: dict[str, Any]) -> None:
        chain["links"].pop(1)
        for number, link in enumerate(chain["links"], start=1):
            link["subject_seq"] = number

    change(folder, "chains/person-1.json", cut)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert f"record {log.records[5].id}" in said
    assert "subject_seq" in said or "does not say that it is number 2" in said


def test_a_gap_in_the_numbers_of_a_chain(run: Run, folder: Path, held: Path) -> None:
    change(folder, "chains/person-1.json", lambda chain: chain["links"].pop(1) and None)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert "number 2 is missing" in said


def test_a_person_whose_record_never_was_in_the_log_shows(run: Run, tmp_path: Path) -> None:
    """The database was cut before sealing and everything signed anew: the numbers of the person tell."""
    log = Log()
    gone = Log([fact for fact in facts() if fact.kind != "quiz.finished"])
    rebuilt = Log()
    rebuilt.records = log.records[:4] + log.records[5:]
    held = tmp_path / "held.txt"
    held.write_text(rebuilt.note(), encoding="utf-8")
    code, said = run(write(tmp_path / "bundle", rebuilt), "--checkpoint", held)
    assert code == 1
    assert "number 2 is missing" in said
    assert gone.leaves != rebuilt.leaves


def test_a_record_left_out_of_a_period_is_missed(run: Run, tmp_path: Path, held: Path, log: Log) -> None:
    folder = write(tmp_path / "all", log, subject=None, leave_out=(4,))
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert f"before record {log.records[5].id}: the records from position 4" in said


def test_a_whole_period_holds(run: Run, tmp_path: Path, held: Path, log: Log) -> None:
    code, said = run(write(tmp_path / "all", log, subject=None), "--checkpoint", held)
    assert code == 0, said
    assert "all 8 records of the period" in said


# ------------------------------------------------------------------ another log, another state


def test_a_receipt_of_another_log_is_refused(run: Run, folder: Path, held: Path, log: Log) -> None:
    other = Log(origin="other.example/log", key=OTHER)
    foreign = write(folder.parent / "other", other)
    name = log.records[5].id
    proof = (foreign / f"proofs/{other.records[5].id}.tlog-proof").read_text(encoding="utf-8")
    put(folder, f"proofs/{name}.tlog-proof", proof)
    write_manifest(folder)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert f"record {name}: its proof is of the log other.example/log" in said


def test_a_checkpoint_of_another_log_proves_nothing(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "foreign.txt").write_text(Log(origin="other.example/log", key=OTHER).note(), encoding="utf-8")
    code, said = run(folder, "--checkpoint", tmp_path / "foreign.txt")
    assert code == 1
    assert "is of the log other.example/log" in said


def test_everything_rebuilt_with_the_stolen_key_is_a_fork_to_who_holds_a_checkpoint(
    run: Run, tmp_path: Path, held: Path
) -> None:
    forged = facts()
    forged[4].fields["score"] = 5
    rebuilt = write(tmp_path / "forged", Log(forged, key=STOLEN))
    assert run(rebuilt)[0] == 3
    code, said = run(rebuilt, "--checkpoint", held)
    assert code == 1
    assert "FORK" in said


def test_everything_rebuilt_with_another_key_is_not_signed_by_the_one_that_is_held(
    run: Run, tmp_path: Path, held: Path
) -> None:
    rebuilt = write(tmp_path / "forged", Log(key=OTHER))
    code, said = run(rebuilt, "--checkpoint", held)
    assert code == 1
    assert "not signed by any key of this log" in said
    code, said = run(rebuilt, "--key", naive.verifier_key(ORIGIN, KEY))
    assert code == 1
    assert "the key that you gave is not among the keys of this log" in said


def test_an_older_checkpoint_of_the_log_does_not_pass_for_the_newest(
    run: Run, folder: Path, held: Path, log: Log
) -> None:
    put(folder, "checkpoints/8.txt", log.note(6))
    write_manifest(folder)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert "checkpoints/8.txt: is of size 6" in said


def test_a_bundle_of_an_older_state_leaves_the_newer_checkpoint_unproved(
    run: Run, tmp_path: Path, held: Path, log: Log
) -> None:
    older = write(tmp_path / "older", log, size=7)
    code, said = run(older, "--checkpoint", held)
    assert code == 3
    assert "lms ledger consistency --from 7 --to 8" in said
    proof = tmp_path / "proof.json"
    hashes = [base64.b64encode(value).decode() for value in naive.proof(7, log.leaves)]
    proof.write_text(json.dumps({"log": ORIGIN, "from": 7, "to": 8, "hashes": hashes}))
    code, said = run(older, "--checkpoint", held, "--consistency", proof)
    assert code == 0, said


def test_a_truncated_log_cannot_be_made_to_fit_the_newer_checkpoint(
    run: Run, tmp_path: Path, held: Path, log: Log
) -> None:
    cut = Log(facts()[:7])
    cut.append(Fact("roster.person_added", 70, {"name": "New"}, "person:3"))
    bundle = write(tmp_path / "cut", cut)
    assert run(bundle, "--checkpoint", held)[0] == 1
    cut.append(Fact("roster.person_added", 71, {"name": "Newer"}, "person:4"))
    bundle = write(tmp_path / "cut", cut)
    assert run(bundle, "--checkpoint", held)[0] == 3
    proof = tmp_path / "proof.json"
    hashes = [base64.b64encode(value).decode() for value in naive.proof(8, cut.leaves)]
    proof.write_text(json.dumps({"log": ORIGIN, "from": 8, "to": 9, "hashes": hashes}))
    code, said = run(bundle, "--checkpoint", held, "--consistency", proof)
    assert code == 1
    assert "does not continue" in said


def test_a_fork_after_a_common_checkpoint_is_vouched_for_only_up_to_there(
    run: Run, folder: Path, tmp_path: Path, log: Log
) -> None:
    honest = Log(facts()[:6])
    for number in range(4):
        honest.append(Fact("roster.person_added", 80 + number, {"name": "Honest"}, f"person:{20 + number}"))
    held, proof = tmp_path / "honest.txt", tmp_path / "proof.json"
    held.write_text(honest.note(10), encoding="utf-8")
    hashes = [base64.b64encode(value).decode() for value in naive.proof(6, honest.leaves)]
    proof.write_text(json.dumps({"log": ORIGIN, "from": 6, "to": 10, "hashes": hashes}))
    code, said = run(folder, "--checkpoint", held, "--consistency", proof)
    assert code == 3
    assert f"the first is record {log.records[7].id}" in said


def test_a_checkpoint_between_two_included_ones_needs_no_further_proof(
    run: Run, folder: Path, tmp_path: Path, log: Log
) -> None:
    old = tmp_path / "old.txt"
    old.write_text(log.note(6), encoding="utf-8")
    code, said = run(folder, "--checkpoint", old)
    assert code == 3
    assert f"1 records come after what you hold; the first is record {log.records[7].id}" in said


def test_checkpoints_that_do_not_continue_each_other(run: Run, folder: Path, held: Path) -> None:
    forged = facts()
    forged[2].fields["badge"] = "1"
    put(folder, "checkpoints/6.txt", Log(forged).note(6))
    write_manifest(folder)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert "checkpoints 3 and 6" in said


def test_a_receipt_serves_as_a_checkpoint(run: Run, folder: Path, tmp_path: Path, log: Log) -> None:
    proof = (folder / f"proofs/{log.records[5].id}.tlog-proof").read_text(encoding="utf-8")
    (tmp_path / "receipt.json").write_text(json.dumps({"record_id": "x", "inclusion_proof": proof}))
    (tmp_path / "receipt.tlog-proof").write_text(proof, encoding="utf-8")
    for name in ("receipt.json", "receipt.tlog-proof"):
        assert run(folder, "--checkpoint", tmp_path / name)[0] == 0


# ------------------------------------------------------------------ withheld, destroyed, named


def test_withheld_fields_keep_the_proof_and_are_counted(run: Run, tmp_path: Path, held: Path, log: Log) -> None:
    folder = write(tmp_path / "b", log, withhold=(("attestation.signed", "ip"), ("quiz.finished", "proof")))
    code, said = run(folder, "--checkpoint", held)
    assert code == 0, said
    assert "2, each with an exemption" in said


def test_a_withheld_field_that_the_index_does_not_name(run: Run, tmp_path: Path, held: Path, log: Log) -> None:
    folder = write(tmp_path / "b", log, withhold=(("attestation.signed", "ip"),))
    change(folder, "redactions.json", lambda lines: [])
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert f"record {log.records[5].id}, field ip: is withheld, but the index" in said


def test_a_withheld_field_without_an_exemption(run: Run, tmp_path: Path, held: Path, log: Log) -> None:
    folder = write(tmp_path / "b", log, withhold=(("attestation.signed", "ip"),))

    def bare(record: dict[str, Any]) -> None:
        record["withheld"][0]["exemption"] = ""

    change(folder, file_of(folder, log, 5), bare)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert f"record {log.records[5].id}, field withheld" in said


def test_a_field_that_is_withheld_and_shown(run: Run, tmp_path: Path, held: Path, log: Log) -> None:
    folder = write(tmp_path / "b", log, withhold=(("attestation.signed", "ip"),))
    shown = log.records[5].disclosures["ip"]
    change(folder, file_of(folder, log, 5), lambda record: record["disclosures"].append(shown))
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert "field ip" in said


def test_destroyed_content_leaves_the_proof(run: Run, tmp_path: Path, held: Path, log: Log) -> None:
    code, said = run(write(tmp_path / "b", log, destroyed=(4,)), "--checkpoint", held)
    assert code == 0, said
    assert "the content of 1 was disposed of" in said


def test_a_text_that_is_not_the_one_that_was_signed(run: Run, folder: Path, held: Path) -> None:
    put(folder, f"content/{POLICY_SHA256}.json", "{}")
    write_manifest(folder)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert "is not the text that has this hash" in said


def test_a_text_that_is_missing(run: Run, folder: Path, held: Path, log: Log) -> None:
    (folder / f"content/{POLICY_SHA256}.json").unlink()
    write_manifest(folder)
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert f"record {log.records[5].id}, field policy: names the text {POLICY_SHA256}, which is not here" in said


# ------------------------------------------------------------------ the files


def test_a_file_that_is_not_listed_and_one_that_is_missing(run: Run, folder: Path, held: Path) -> None:
    put(folder, "records/extra.txt", "x")
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert "records/extra.txt: is not listed" in said
    (folder / "records/extra.txt").unlink()
    (folder / "README.txt").unlink()
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert "README.txt: the file is missing" in said


def test_a_changed_manifest(run: Run, folder: Path, held: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace("person:1", "person:2"))
    code, said = run(folder, "--checkpoint", held)
    assert code == 1
    assert "manifest.sha256" in said


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_changed_byte_of_every_file_is_found(run: Run, folder: Path, held: Path, data: st.DataObject) -> None:
    """And no damage of any kind ends in a traceback."""
    names = sorted(path for path in folder.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(names))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    other = whole[at] ^ data.draw(st.integers(1, 255))
    try:
        path.write_bytes(whole[:at] + bytes([other]) + whole[at + 1 :])
        code, said = run(folder, "--checkpoint", held)
        assert code == 1, (path, at, other, said)
    finally:
        path.write_bytes(whole)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_changed_byte_is_found_with_the_manifest_made_to_fit(
    run: Run, folder: Path, held: Path, data: st.DataObject
) -> None:
    """Of what the log vouches for: the attacker may write another README, but no other record, proof or text."""
    inside = ("records", "proofs", "checkpoints", "content", "chains")
    names = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.parent.name in inside]
    path = data.draw(st.sampled_from(names))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    other = whole[at] ^ data.draw(st.integers(1, 255))
    try:
        path.write_bytes(whole[:at] + bytes([other]) + whole[at + 1 :])
        write_manifest(folder)
        code, said = run(folder, "--checkpoint", held)
        assert code in (0, 1), said
        if code == 0:
            assert path.suffix == ".json"
            assert json.loads(path.read_bytes()) == json.loads(whole), (path, at, other)
    finally:
        path.write_bytes(whole)
        write_manifest(folder)


# ------------------------------------------------------------------ harm


def zipped(path: Path, members: list[tuple[zipfile.ZipInfo | str, bytes]]) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for name, data in members:
            archive.writestr(name, data)
    return path


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("records/link")
    info.external_attr = 0o120777 << 16
    return info


@pytest.mark.parametrize(
    "members",
    [
        [("../../etc/cron.d/x", b"x")],
        [("/etc/passwd", b"x")],
        [("records\\..\\x", b"x")],
        [("C:/x", b"x")],
        [("a/../b", b"x")],
        [("records/.hidden", b"x")],
        [("records/", b"")],
        [("a\x00b", b"x")],
        [("README.txt", b"a"), ("README.txt", b"b")],
        [("README.txt", b"a"), ("readme.TXT", b"b")],
        [(link(), b"/etc/passwd")],
        [("bomb", bytes(40 * 1024 * 1024))],
    ],
    ids=lambda members: str(members[0][0])[:20].replace("/", "_"),
)
def test_a_hostile_zip_is_refused(run: Run, tmp_path: Path, members: list[tuple[Any, bytes]]) -> None:
    code, said = run(zipped(tmp_path / "hostile.zip", members))
    assert code == 1
    assert "the bundle: " in said
    assert "manifest" not in said
    assert list(tmp_path.iterdir()) == [tmp_path / "hostile.zip"]


def test_members_that_overlap_are_refused(run: Run, tmp_path: Path) -> None:
    """A bomb of many names for the same compressed bytes."""
    path = zipped(tmp_path / "one.zip", [("a", bytes(5 * 1024 * 1024))])
    raw = path.read_bytes()
    start = raw.index(b"PK\x01\x02")
    end = raw.index(b"PK\x05\x06")
    entry = raw[start:end]
    many = b"".join(entry.replace(b"a", bytes([letter])) for letter in b"abcdefgh" * 1)
    tail = bytearray(raw[end:])
    tail[8:12] = (8).to_bytes(2, "little") * 2
    tail[12:16] = len(many).to_bytes(4, "little")
    path.write_bytes(raw[:start] + many + bytes(tail))
    assert run(path)[0] == 1


def test_a_size_that_is_a_lie_is_refused(run: Run, folder: Path, tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "lie.zip",
        [(p.relative_to(folder).as_posix(), p.read_bytes()) for p in folder.rglob("*") if p.is_file()],
    )
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (10).to_bytes(4, "little")
    path.write_bytes(raw)
    assert run(path)[0] == 1


@pytest.mark.parametrize("raw", [b"", b"PK", b"not a zip at all", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip_is_refused(run: Run, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "no.zip").write_bytes(raw)
    assert run(tmp_path / "no.zip")[0] == 1


def test_a_link_in_a_folder_is_refused(run: Run, folder: Path) -> None:
    (folder / "records" / "link.json").symlink_to("/etc/passwd")
    code, said = run(folder)
    assert code == 1
    assert "is a link" in said


def test_a_manifest_of_another_form_is_no_traceback(run: Run, folder: Path) -> None:
    for raw in (b"[]", b"{}", b'{"format": "rollcall-bundle@v1", "files": [1]}', b"\xff", b"{" * 100000):
        put(folder, "manifest.json", raw)
        assert run(folder)[0] == 1
