"""How a scenario goes on."""

from __future__ import annotations

import pytest

from lms.assessment.rules.stories import OUTCOMES, follow, split_path
from lms.errors import NotFound
from tests.assessment.samples import a_scenario


def test_a_story_begins_at_its_first_scene() -> None:
    story = follow(a_scenario(), [])
    assert (story.scene.ref, story.position, story.last, story.path) == ("start", 1, None, "")
    assert story.trail == ["here", "ahead"]


def test_each_choice_leads_to_its_scene() -> None:
    story = follow(a_scenario(), ["post"])
    assert (story.scene.ref, story.position, story.path) == ("call", 2, "post")
    assert story.trail == ["done", "here"]
    assert story.last is not None
    assert (story.last.choice.ref, story.last.tone, story.last.best) == ("post", "wrong", False)


def test_an_ending_finishes_the_story() -> None:
    story = follow(a_scenario(), ["post", "own"])
    assert story.finished
    assert story.trail == ["done", "done"]
    assert story.path == "post.own"


def test_the_best_choice_says_why_it_works() -> None:
    last = follow(a_scenario(), ["ask"]).last
    assert last is not None
    assert last.best
    assert last.tone == "right"


@pytest.mark.parametrize("way", [["nothing"], ["ask", "own"], ["post", "own", "own"], [""]])
def test_a_way_that_the_story_does_not_go_is_not_found(way: list[str]) -> None:
    with pytest.raises(NotFound):
        follow(a_scenario(), way)


def test_a_practice_address_is_read_back() -> None:
    assert split_path("") == []
    assert split_path(follow(a_scenario(), ["post", "own"]).path) == ["post", "own"]


def test_every_rating_has_words_and_a_tone_that_pages_know() -> None:
    assert sorted(OUTCOMES) == [0, 1, 2, 3]
    assert {tone for tone, _words in OUTCOMES.values()} == {"right", "mixed", "wrong"}
