"""The hands of a person at a page: a mouse on a desktop, or the keyboard alone on a phone-sized screen.

Everything is found by its ARIA role and name, as a screen reader would. Each page that a person comes to is checked
by axe (each kind of page once, and again where it is made of other things), and a console error, a failed request or a
page wider than the screen fails the journey.
"""

from __future__ import annotations

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

_AXE = Axe()
MOST_TABS = 150
_SOUND: set[tuple[bool, str, str]] = set()
_MADE_OF = """() => [...new Set([...document.querySelectorAll("*")].map((thing) =>
    [thing.parentElement?.tagName, thing.tagName, thing.className, ...thing.getAttributeNames(),
     thing.getAttribute("role"), thing.type].join(" ")))].sort().join("\\n")"""


class Hands:
    """One person at one browser page."""

    def __init__(self, page: Page, base: str, *, keyboard: bool) -> None:
        self.page = page
        self.base = base
        self.keyboard = keyboard
        self.faults: list[str] = []
        self.checked: set[str] = set()
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.faults.append(f"console: {message.text}")

    def visit(self, path: str) -> None:
        """Opens an address and looks at the page."""
        self.page.goto(path if path.startswith("http") else self.base + path)
        self.look()

    def look(self) -> None:
        """Checks the page that is open."""
        self.page.wait_for_load_state("load")
        kind = re.sub(r"\d+|\?.*", "", self.page.url) + self.page.title()[:12]
        if kind not in self.checked:
            self.checked.add(kind)
            self._check_by_axe()
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px wider than the screen"
        assert not self.faults, f"{self.page.url}: {self.faults}"

    def _check_by_axe(self) -> None:
        """Passes over what axe found nothing wrong with in this run: the same address, made of the same things."""
        look = (self.keyboard, re.sub(r"\d+|\?.*", "", self.page.url), self.page.evaluate(_MADE_OF))
        if look in _SOUND:
            return
        results = _AXE.run(self.page)
        found = [f"{v['id']}: {[n['target'] for n in v['nodes']]}" for v in results.response["violations"]]
        assert not found, f"{self.page.url}: {found}"
        _SOUND.add(look)

    def by(self, role: Any, name: str | re.Pattern[str]) -> Locator:
        """The first thing of this role and name."""
        return self.page.get_by_role(role, name=name).first

    def has(self, text: str) -> bool:
        """Whether the page says this."""
        return self.page.get_by_text(text).first.is_visible()

    def expect(self, text: str) -> None:
        """Fails where the page does not say this."""
        assert self.page.get_by_text(text).count() > 0, f"{self.page.url} does not say {text!r}"

    def press(self, role: Any, name: str | re.Pattern[str]) -> None:
        """Presses a button or follows a link, and looks at the page that comes."""
        self.press_on(self.by(role, name))

    def press_on(self, target: Locator) -> None:
        """Presses a thing that was found already."""
        before = self.page.url
        if self.keyboard:
            self.focus(target)
            with self.page.expect_navigation():
                self.page.keyboard.press("Enter")
        else:
            with self.page.expect_navigation():
                target.click()
        assert self.page.url or before
        self.look()

    def press_in_place(self, role: Any, name: str | re.Pattern[str], until: str) -> None:
        """Presses a button that changes the page without leaving it, and waits for what is to appear, with the focus."""
        target = self.by(role, name)
        if self.keyboard:
            self.focus(target)
            self.page.keyboard.press("Enter")
        else:
            target.click()
        self.page.locator(f"{until}:focus").wait_for()
        self.look()

    def focus(self, target: Locator) -> None:
        """Reaches a thing by the Tab key."""
        handle = target.element_handle()
        assert handle is not None
        for _ in range(MOST_TABS):
            if handle.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} cannot be reached by the Tab key on {self.page.url}")

    def type_into(self, name: str | re.Pattern[str], text: str) -> None:
        """Types into a labelled field."""
        field = self.page.get_by_label(name).and_(self.page.locator("input, textarea")).first
        if self.keyboard:
            self.focus(field)
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.type(text)
        else:
            field.fill(text)

    def choose(self, target: Locator) -> None:
        """Chooses a radio button; with the keyboard, by Tab to its group and the arrow keys."""
        if not self.keyboard:
            target.check()
            return
        handle = target.element_handle()
        assert handle is not None
        same = "element => document.activeElement.name === element.name"
        for _ in range(MOST_TABS):
            if handle.evaluate(same):
                break
            self.page.keyboard.press("Tab")
        for _ in range(8):
            if handle.evaluate("element => element === document.activeElement"):
                break
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Space")
        assert target.is_checked()

    def check(self, name: str | re.Pattern[str]) -> None:
        """Checks a box."""
        box = self.by("checkbox", name)
        if self.keyboard:
            self.focus(box)
            self.page.keyboard.press("Space")
        else:
            box.check()

    def pick(self, name: str, option: str) -> None:
        """Picks from a list."""
        self.page.get_by_label(name).first.select_option(option)

    def sign_in(self, email: str, password: str) -> None:
        """Signs in at the front door."""
        self.visit("/auth/sign-in")
        self.type_into(re.compile("email", re.I), email)
        self.type_into(re.compile("^password", re.I), password)
        self.press("button", "Sign in")
