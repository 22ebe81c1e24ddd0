"""What an officer does, page by page: reads, chooses, answers, goes on."""

from __future__ import annotations

import re

from lms.catalog.rules import CourseContent, Item
from tests.journeys.hands import Hands

ONWARD = re.compile(
    r"^(Start|Go on|Next|See the result|Go through|Practice|Back to the training|Try again|Sign or decline)"
)
MOST_PAGES = 120


class Officer:
    """Walks a course in the browser, knowing the right answers from the published content."""

    def __init__(self, hands: Hands, content: CourseContent) -> None:
        self.hands = hands
        self.content = content
        self.seen: list[str] = []
        self.fail_capstone = 0
        self.results: list[str] = []

    def walk_to_the_signature(self) -> None:
        """Follows the one button on each page until the sheet to be signed is open."""
        for _ in range(MOST_PAGES):
            path = self.hands.page.url.split("//", 1)[1].split("/", 1)[1]
            self.seen.append(path)
            if path.endswith("/sign"):
                return
            self.do_page(path)
        raise AssertionError(f"never came to the signature: {self.seen[-12:]}")

    def do_page(self, path: str) -> None:
        """Does what the open page asks for."""
        if path.endswith("/lesson") and self.hands.by("button", "I have read this lesson").count():
            self.hands.press("button", "I have read this lesson")
        elif "/scenarios/" in path and self.hands.page.locator("button[name=choice]").count():
            self.choose_best()
        elif re.search(r"attempts/\d+/\d+$", path) and self.hands.page.get_by_role("radio").count():
            self.answer()
        else:
            if path.endswith("/result"):
                self.results.append(self.hands.page.locator("main").inner_text())
            self.onward()

    def onward(self) -> None:
        """Presses the one button that leads on."""
        for role in ("button", "link"):
            found = self.hands.page.locator("main").get_by_role(role, name=ONWARD)  # type: ignore[arg-type]
            if found.count():
                self.hands.press_on(found.first)
                return
        raise AssertionError(f"nothing leads on from {self.hands.page.url}")

    def choose_best(self) -> None:
        """Makes the best-rated choice of the scene that is open."""
        shown = self.hands.page.locator("button[name=choice]")
        refs = [shown.nth(i).get_attribute("value") for i in range(shown.count())]
        choices = [
            choice
            for module in self.content.modules
            for scenario in module.scenarios
            for scene in scenario.scenes.values()
            for choice in scene.choices
            if [c.ref for c in scene.choices] == refs
        ]
        best = max(choices, key=lambda choice: choice.rating)
        self.hands.press_on(self.hands.page.locator(f"button[name=choice][value='{best.ref}']"))

    def item_on_the_page(self) -> Item:
        """The item whose options are on the page."""
        text = " ".join(self.hands.page.locator("fieldset").inner_text().split())
        found = [
            item
            for item in self.content.items
            if " ".join(item.stem.split()) in text and all(option.text in text for option in item.options)
        ]
        assert found, text
        return found[0]

    def answer(self) -> None:
        """Answers right, or wrong while the capstone is to be failed."""
        item = self.item_on_the_page()
        capstone = "apstone" in self.hands.page.title()
        wrong = capstone and self.fail_capstone > 0
        ref = next(o.ref for o in item.options if not o.correct) if wrong else item.key
        last = re.search(r"Question (\d+) of \1\b", self.hands.page.title()) is not None
        self.hands.choose(self.hands.page.locator(f"input[type=radio][value='{ref}']"))
        self.hands.press_in_place("button", "Answer", until=".verdict-title")
        self.hands.expect("Not the best answer" if wrong else "Right")
        if capstone and last:
            self.fail_capstone -= 1
