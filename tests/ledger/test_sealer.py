"""The sealer signs what continues its last signature, refuses everything else, and survives being interrupted."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lms.errors import IntegrityFault
from lms.ledger.rules import notes, tree
from lms.ledger.sealer import Sealer
from tests.ledger.test_tree import GROWN, Grown

ORIGIN = "police.example/log"
OTHER = Grown([f"other {number}".encode() for number in range(40)])


def proofs_to(grown: Grown, size: int) -> Callable[[int], list[bytes]]:
    return lambda old: tree.consistency_proof(old, size, grown.read)


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    made = Sealer(tmp_path / "ledger")
    made.begin(ORIGIN, 2026)
    return made


def seal(sealer: Sealer, size: int, grown: Grown = GROWN) -> str:
    return sealer.seal(ORIGIN, size, grown.roots[size], proofs_to(grown, size)).note


def test_keys_and_memory_are_private_files(sealer: Sealer) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in sealer.folder.iterdir()}
    assert modes["key-2026.pem"] == modes["sealed.json"] == 0o600
    assert stat.S_IMODE(sealer.folder.stat().st_mode) == 0o700
    assert (sealer.folder / "key-2026.pem").read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert not list(sealer.folder.glob("*.tmp"))


def test_a_log_that_grows_is_signed(sealer: Sealer) -> None:
    for size in (1, 2, 3, 8, 21, 64, 70):
        checkpoint = notes.verify_checkpoint(seal(sealer, size), sealer.verifiers(), ORIGIN)
        assert (checkpoint.size, checkpoint.root) == (size, GROWN.roots[size])
    state = sealer.state()
    assert state is not None
    assert state.size == 70


def test_the_same_state_gets_the_same_note(sealer: Sealer) -> None:
    assert seal(sealer, 5) == seal(sealer, 5)


def test_a_shorter_log_is_refused(sealer: Sealer) -> None:
    before = seal(sealer, 20)
    with pytest.raises(IntegrityFault, match="19 records, but 20 were signed before"):
        seal(sealer, 19)
    state = sealer.state()
    assert state is not None
    assert state.note == before


def test_another_log_of_the_same_size_is_refused(sealer: Sealer) -> None:
    seal(sealer, 20)
    with pytest.raises(IntegrityFault, match="root differs"):
        seal(sealer, 20, OTHER)


def test_a_longer_log_that_does_not_continue_is_refused(sealer: Sealer) -> None:
    seal(sealer, 20)
    with pytest.raises(IntegrityFault, match="does not continue"):
        seal(sealer, 30, OTHER)


def test_a_false_or_impossible_consistency_proof_is_refused(sealer: Sealer) -> None:
    seal(sealer, 20)
    for prove in (lambda old: [], lambda old: [b"x" * 32] * 5, lambda old: GROWN.roots[:4]):
        with pytest.raises(IntegrityFault, match="does not continue"):
            sealer.seal(ORIGIN, 30, GROWN.roots[30], prove)


def test_another_origin_is_refused(sealer: Sealer) -> None:
    with pytest.raises(IntegrityFault, match="belongs to the log"):
        sealer.seal("other.example/log", 1, GROWN.roots[1], proofs_to(GROWN, 1))


def test_nothing_is_signed_without_the_memory(sealer: Sealer) -> None:
    seal(sealer, 20)
    (sealer.folder / "sealed.json").unlink()
    with pytest.raises(IntegrityFault, match="missing"):
        seal(sealer, 21)


@pytest.mark.parametrize(
    ("name", "value"), [("size", 3), ("root", "AAAA"), ("origin", "other.example/log"), ("note", "x"), ("size", None)]
)
def test_an_altered_memory_is_refused(sealer: Sealer, name: str, value: object) -> None:
    seal(sealer, 20)
    path = sealer.folder / "sealed.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))
    with pytest.raises(IntegrityFault, match=r"sealed\.json"):
        seal(sealer, 21)


@pytest.mark.parametrize("text", ["", "[]", "{}", "no json"])
def test_a_damaged_memory_is_refused(sealer: Sealer, text: str) -> None:
    (sealer.folder / "sealed.json").write_text(text)
    with pytest.raises(IntegrityFault, match="damaged or was altered"):
        seal(sealer, 1)


def test_beginning_again_is_allowed_only_before_the_first_record(sealer: Sealer) -> None:
    assert sealer.begin(ORIGIN, 2026) == sealer.state()
    seal(sealer, 1)
    with pytest.raises(IntegrityFault, match="already signed 1 records"):
        sealer.begin(ORIGIN, 2026)


def test_a_log_that_continues_must_cite_the_last_checkpoint(sealer: Sealer) -> None:
    note = seal(sealer, 20)
    for wrong in (None, note + "x"):
        with pytest.raises(IntegrityFault, match="must cite"):
            sealer.begin("police.example/log2", 2026, wrong)
    begun = sealer.begin("police.example/log2", 2026, note)
    assert (begun.origin, begun.size) == ("police.example/log2", 0)
    kept = [json.loads(path.read_text()) for path in sealer.folder.glob("sealed-*.json")]
    assert [state["note"] for state in kept] == [note]
    assert notes.verify_checkpoint(note, sealer.verifiers(), ORIGIN).size == 20


def test_after_rotation_both_keys_sign_and_old_checkpoints_still_verify(sealer: Sealer) -> None:
    old_note, old = seal(sealer, 5), sealer.verifiers()
    new = sealer.rotate(ORIGIN, 2027)
    assert sealer.rotate(ORIGIN, 2027) == new
    assert sealer.verifiers() == (*old, new)
    note = seal(sealer, 9)
    for trusted in (old, [new]):
        assert notes.verify_checkpoint(note, trusted, ORIGIN).size == 9
    assert notes.verify_checkpoint(old_note, sealer.verifiers(), ORIGIN).size == 5


def test_a_crash_before_the_rename_leaves_the_old_memory(sealer: Sealer, monkeypatch: pytest.MonkeyPatch) -> None:
    note = seal(sealer, 5)

    def crash(self: Path, target: Path) -> Path:
        raise OSError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", crash)
        with pytest.raises(OSError, match="power cut"):
            seal(sealer, 9)
    state = sealer.state()
    assert state is not None
    assert state.note == note
    assert notes.verify_checkpoint(seal(sealer, 9), sealer.verifiers(), ORIGIN).size == 9


def test_two_forks_at_once_get_one_signature(sealer: Sealer) -> None:
    def attempt(number: int) -> bool:
        grown = GROWN if number % 2 else OTHER
        try:
            Sealer(sealer.folder).seal(ORIGIN, 30, grown.roots[30], proofs_to(grown, 30))
        except IntegrityFault:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(16)))
    assert len(set(outcomes[0::2])) == len(set(outcomes[1::2])) == 1
    assert outcomes[0] != outcomes[1]
