"""Maps of scenarios: nothing overlaps, every arrow joins its rooms, and the same story is the same drawing."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.catalog.cli import content
from lms.catalog.content.draft import read_draft
from lms.catalog.maps import RATINGS, draw_scenario
from lms.catalog.maps.order import Link, put_in_layers
from lms.catalog.maps.place import Box, Drawing, lay_out
from lms.catalog.maps.plan import plan_of
from lms.catalog.maps.words import width_of, wrap
from lms.catalog.rules import Choice, Scenario, Scene
from tests.catalog.courses import REAL, STORY, TINY, copy_tiny, edit

SVG = "{http://www.w3.org/2000/svg}"
REAL_SCENARIOS = [entry.content for entry in read_draft(REAL).scenarios]
SIZES = st.tuples(st.integers(40, 300), st.integers(20, 240))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, tuple[int, int]], list[Link], dict[str, tuple[int, int]]]:
    """Rooms, links that form no circle, and the sizes of their labels."""
    count = draw(st.integers(1, 14))
    rooms = {f"n{number}": draw(SIZES) for number in range(count)}
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=26))
    links = [Link(f"e{n}", f"n{min(pair)}", f"n{max(pair)}") for n, pair in enumerate(pairs) if pair[0] != pair[1]]
    return rooms, links, {link.key: draw(SIZES) for link in links}


@st.composite
def stories(draw: st.DrawFn) -> Scenario:
    """Any story: with circles, ways to nowhere, dead ends, scenes that no way leads to, and odd texts."""
    refs = [f"s{number}" for number in range(draw(st.integers(1, 9)))]
    texts = st.text(max_size=300)
    scenes = {}
    for ref in refs:
        targets = draw(st.lists(st.sampled_from([*refs, "nowhere"]), max_size=4))
        choices = tuple(
            Choice(f"c{n}", draw(texts), draw(st.integers(0, 3)), "", "IV.B.2.f", "", target)
            for n, target in enumerate(targets)
        )
        scenes[ref] = Scene(ref, draw(texts), "", draw(st.booleans()), choices)
    return Scenario("story", draw(texts), draw(texts), ("IV.B.2.f",), draw(st.sampled_from(refs)), scenes, "")


def overlap(one: Box, two: Box) -> bool:
    return one.x < two.right and two.x < one.right and one.y < two.bottom and two.y < one.bottom


def check_drawing(drawing: Drawing, links: list[Link]) -> None:
    boxes = {**drawing.rooms, **drawing.labels}
    for (one, here), (two, there) in combinations(boxes.items(), 2):
        assert not overlap(here, there), (one, two)
    for box in boxes.values():
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= drawing.width
        assert box.bottom <= drawing.height
    for link in links:
        arrow, label = drawing.arrows[link.key], drawing.labels[link.key]
        tail, head = drawing.rooms[link.tail], drawing.rooms[link.head]
        assert tail.x < arrow.before[0][0] < tail.right
        assert arrow.before[0][1] == tail.bottom
        assert label.x <= arrow.before[-1][0] == arrow.after[0][0] <= label.right
        assert (arrow.before[-1][1], arrow.after[0][1]) == (label.y, label.bottom)
        assert head.x < arrow.after[-1][0] < head.right
        assert arrow.after[-1][1] == head.y
        for line in (arrow.before, arrow.after):
            for (x, y), (to_x, to_y) in pairwise(line):
                assert y < to_y
                assert min(x, to_x) >= 0
                assert max(x, to_x) <= drawing.width
                # A bend lies between its two heights and its two sides, so a box outside of those is not touched.
                inside = Box(min(x, to_x), y, abs(x - to_x), to_y - y)
                assert not any(overlap(inside, box) for box in boxes.values())


@settings(deadline=None, max_examples=150)
@given(graphs())
def test_boxes_stay_apart_and_arrows_join_them(graph: tuple[dict, list[Link], dict]) -> None:
    rooms, links, labels = graph
    drawing = lay_out(rooms, links, labels)
    check_drawing(drawing, links)
    assert lay_out(rooms, links, labels) == drawing


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 30), max_size=24))
def test_a_tree_is_drawn_without_a_crossing(parents: list[int]) -> None:
    links = [Link(f"e{n}", f"n{parent % n}", f"n{n}") for n, parent in enumerate(parents, start=1)]
    rooms = [f"n{number}" for number in range(len(parents) + 1)]
    assert put_in_layers(rooms, links).crossings == 0


def test_a_tangle_that_can_be_undone_is_undone() -> None:
    rooms = ["top", "a", "b", "c", "z", "y", "x"]
    pairs = [("top", "a"), ("top", "b"), ("top", "c"), ("a", "x"), ("b", "y"), ("c", "z"), ("a", "y"), ("b", "z")]
    links = [Link(f"e{number}", *pair) for number, pair in enumerate(pairs)]
    assert put_in_layers(rooms, links).crossings == 0


@settings(deadline=None, max_examples=80)
@given(stories())
def test_any_story_can_be_drawn(story: Scenario) -> None:
    drawn = draw_scenario(story)
    root = ET.fromstring(drawn)
    plan = plan_of(story)
    assert len(root.findall(f".//{SVG}g[@class]")) == len(plan.rooms) + len(plan.ways)
    assert len(plan.ways) == sum(len(scene.choices) for scene in story.scenes.values())
    assert draw_scenario(story) == drawn


@settings(deadline=None)
@given(st.text(), st.integers(20, 400))
def test_no_line_is_wider_than_its_box(text: str, width: int) -> None:
    lines = wrap(text, width, 12)
    assert all(len(line) <= 2 or width_of(line, 12) <= width for line in lines)
    assert "".join(lines[:-1]).replace(" ", "") in "".join(text.split())


def test_the_whole_course_is_there() -> None:
    assert len(REAL_SCENARIOS) >= 31
    assert None not in REAL_SCENARIOS


@pytest.mark.parametrize("scenario", REAL_SCENARIOS, ids=lambda scenario: scenario.ref)
def test_real_scenario_is_drawn_whole(scenario: Scenario) -> None:
    root = ET.fromstring(draw_scenario(scenario))
    words = " ".join(text.text or "" for text in root.iter(f"{SVG}text"))
    spoken = "".join(words.split())
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert root.find(f"{SVG}title") is not None
    assert "scenes" in (root.findtext(f"{SVG}desc") or "")
    for scene in scenario.scenes.values():
        for choice in scene.choices:
            assert f"{choice.rating} {RATINGS[choice.rating]}" in words
            assert "".join(choice.text.split()) in spoken
    assert words.count("Ending") >= sum(scene.ending for scene in scenario.scenes.values())
    plan = plan_of(scenario)
    assert not [room for room in plan.rooms if room.kind in ("missing", "back", "stray", "dead-end")]


def test_a_faulty_story_says_what_is_wrong_on_its_map(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    edit(course, STORY, "next: mended", "next: repaired")
    edit(course, STORY, "next: quiet", "next: phone")
    [scenario] = [e.content for e in read_draft(course).scenarios if e.ref == "training-clip"]
    assert scenario is not None
    drawn = draw_scenario(scenario)
    for words in ("No such scene", "repaired", "Back to", "phone", "No way leads here"):
        assert f">{words}<" in drawn


def test_bytes_do_not_depend_on_the_process() -> None:
    program = (
        "import hashlib, pathlib; from lms.catalog.content.draft import read_draft; from lms.catalog.maps import *; "
        f"found = read_draft(pathlib.Path({str(TINY)!r})).scenarios; "
        "print(hashlib.sha256(''.join(draw_scenario(e.content) for e in found).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            cwd=Path(__file__).parents[2],
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_command_draws_every_scenario(tmp_path: Path) -> None:
    result = CliRunner().invoke(content, ["map", str(TINY), "--out", str(tmp_path / "maps")])
    assert result.exit_code == 0, result.output
    drawn = {path.stem for path in (tmp_path / "maps").iterdir()}
    assert drawn == {entry.ref for entry in read_draft(TINY).scenarios}
    assert str(tmp_path / "maps" / "training-clip.svg") in result.output


def test_command_draws_one_scenario_and_knows_no_other(tmp_path: Path) -> None:
    one = CliRunner().invoke(content, ["map", str(TINY), "--scenario", "training-clip", "--out", str(tmp_path)])
    none = CliRunner().invoke(content, ["map", str(TINY), "--scenario", "nothing", "--out", str(tmp_path)])
    assert (one.exit_code, none.exit_code) == (0, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["training-clip.svg"]
    assert "There is no scenario nothing" in none.output


def test_command_names_what_cannot_be_drawn_and_draws_the_rest(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    edit(course, STORY, "title: The clip", "titel: The clip")
    result = CliRunner().invoke(content, ["map", str(course), "--out", str(tmp_path / "maps")])
    assert result.exit_code == 1
    assert f"{STORY}:2: training-clip cannot be drawn yet." in result.output
    assert len(list((tmp_path / "maps").iterdir())) == 2
