"""The guides of the house that a machine can measure."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}


def test_no_file_is_a_heap() -> None:
    heaps = [path for path in (ROOT / "lms").rglob("*.py") if path.stem in FORBIDDEN_NAMES]
    assert not heaps


def test_files_stay_within_the_guide() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "lms").rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert not long


def test_functions_stay_within_the_guide() -> None:
    long = []
    for path in (ROOT / "lms").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                code = node.end_lineno - node.body[0].lineno
                if code > 45:
                    long.append((str(path.relative_to(ROOT)), node.name, code))
    assert not long


def test_every_public_function_says_what_it_is_for() -> None:
    silent = []
    for path in (ROOT / "lms").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        silent += [
            f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
    assert not silent


def test_every_feature_says_what_it_owns() -> None:
    for path in (ROOT / "lms").glob("*/__init__.py"):
        if path.parent.name in {"static"} or path.parent.name.startswith("_"):
            continue
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_the_settings_import_nothing_of_the_application() -> None:
    tree = ast.parse((ROOT / "config.py").read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert not [name for name in modules if name.split(".")[0] == "lms"]


def test_only_sign_in_has_views_with_a_limit_on_tries() -> None:
    """The limiter is asked for views of that blueprint alone, so a limit elsewhere would be none."""
    with_limits = {
        str(path.relative_to(ROOT / "lms"))
        for path in (ROOT / "lms").rglob("*.py")
        if "limiter.limit(" in path.read_text(encoding="utf-8")
    }
    assert with_limits == {"auth/views/sign_in.py"}


def test_nothing_is_a_coroutine() -> None:
    """The program never asks whether a view has to be awaited (``lms/web/program.py``)."""
    awaited = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "lms").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.AsyncFunctionDef)
    ]
    assert not awaited
