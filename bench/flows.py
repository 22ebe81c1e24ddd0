"""What people do, step by step, as a browser does it: every step's page is checked."""

from __future__ import annotations

import json
import re
from itertools import cycle

from bench.client import Browser, Page, Unexpected, hidden_in, next_in
from bench.driver import Flow, Takes
from bench.floor import ANSWERS, PEOPLE
from bench.seed import COURSE, MODULE, PASSWORD, QUESTIONS_ASKED, Department, stem_key

COOKIE = "rollcall"
_STEM = re.compile(r'<legend class="stem">(.*?)</legend>', re.S)


class OurFlows:
    """The flows on our pages."""

    def __init__(self, port: int, department: Department) -> None:
        self._port, self._department = port, department
        self._attempts = Takes(department.attempts)
        self._signatures = Takes(department.signatures)

    def browser(self, cookie: str) -> Browser:
        """A signed-in browser."""
        return Browser(self._port, {COOKIE: cookie})

    def home(self, number: int) -> Flow:
        """*My training*, of another person each time."""
        cookies = cycle(self._department.homes[number::8] or self._department.homes)
        browser = Browser(self._port)

        def flow() -> None:
            browser.cookies = {COOKIE: next(cookies)}
            browser.get("/training/").expect(path="/training/", has="My training")

        return flow

    def attempt(self, _number: int) -> Flow:
        """Open the questions, start, answer all, see the result; a new person each time."""
        browser = Browser(self._port)

        def flow() -> None:
            cookie, assignment_id = self._attempts.take()
            browser.cookies = {COOKIE: cookie}
            self.take_attempt(browser, assignment_id)

        return flow

    def attempt_plain(self, _number: int) -> Flow:
        """The same without script."""
        browser = Browser(self._port)

        def flow() -> None:
            cookie, assignment_id = self._attempts.take()
            browser.cookies = {COOKIE: cookie}
            self.take_attempt_plainly(browser, assignment_id)

        return flow

    def take_attempt(self, browser: Browser, assignment_id: int) -> None:
        """One attempt, as a browser with script does it: each reply brings the reasons and the next question."""
        page = self._start(browser, assignment_id)
        text, path = page.text, page.path
        for position in range(1, QUESTIONS_ASKED + 1):
            form = {"csrf_token": hidden_in(text)["csrf_token"], "option": self.right_option(text)}
            parts = json.loads(browser.post_part(path, form).expect(has="verdict-right").body)
            if position < QUESTIONS_ASKED:
                text, path = parts["next"]["html"], parts["next"]["address"]
        self._finish(browser, next_in(parts["answered"]["html"]))

    def take_attempt_plainly(self, browser: Browser, assignment_id: int) -> None:
        """One attempt without script: a page for each question, and one for its reasons."""
        page = self._start(browser, assignment_id)
        for position in range(1, QUESTIONS_ASKED + 1):
            page.expect(path=f"/{position}", has="Question ")
            form = {"csrf_token": page.hidden()["csrf_token"], "option": self.right_option(page.text)}
            page = browser.post(page.path, form).expect(path=f"/{position}", has="verdict-right")
            if position < QUESTIONS_ASKED:
                page = browser.get(page.next_link()).expect()
        self._finish(browser, page.next_link())

    def _start(self, browser: Browser, assignment_id: int) -> Page:
        at = f"/assessment/{assignment_id}/{MODULE}/questions"
        page = browser.get(at).expect(path=at, has="Start")
        return browser.post(f"{at}/start", token_of(page)).expect(path="/assessment/attempts/")

    def _finish(self, browser: Browser, address: str) -> None:
        browser.get(address).expect(path="/result", has=f"{QUESTIONS_ASKED} of {QUESTIONS_ASKED}")

    def right_option(self, text: str) -> str:
        """The right answer to the question on the page."""
        found = _STEM.search(text)
        if found is None:
            raise Unexpected(f"This asks nothing: {text[:80]}")
        return self._department.answers[stem_key(found[1])]

    def sign_in(self, number: int) -> Flow:
        """A new connection without cookies: the front door, the password, the home page."""
        emails = cycle(self._department.emails[number::8] or self._department.emails)

        def flow() -> None:
            browser = Browser(self._port)
            try:
                page = browser.get("/auth/sign-in").expect(has="Sign in")
                form = {**page.hidden(), "email": next(emails), "password": PASSWORD}
                browser.post("/auth/sign-in", form).expect(path="/training/", has="My training")
            finally:
                browser.close()

        return flow

    def sign(self, _number: int) -> Flow:
        """Read the policy, sign, get the receipt; a new person each time."""
        browser = Browser(self._port)

        def flow() -> None:
            cookie, assignment_id = self._signatures.take()
            browser.cookies = {COOKIE: cookie}
            self.sign_once(browser, assignment_id)

        return flow

    def sign_once(self, browser: Browser, assignment_id: int) -> None:
        """One signature."""
        browser.get(f"/policy/{COURSE}").expect(path=f"/policy/{COURSE}")
        at = f"/attestation/{assignment_id}/sign"
        form = browser.get(at).expect(path=at, has="idempotency_key").hidden()
        form |= {"on_duty": "yes", "intent": "y", "password": PASSWORD, "reservation": ""}
        browser.post(at, form).expect(path="/attestation/receipts/", has="The statement")

    def report(self, _number: int) -> Flow:
        """The first page of the completion report."""
        browser = self.browser(self._department.sergeant)

        def flow() -> None:
            browser.get("/reporting/assignments").expect(has="Officer")

        return flow

    def report_file(self, _number: int) -> Flow:
        """The same as CSV, all of it."""
        browser = self.browser(self._department.sergeant)

        def flow() -> None:
            browser.get("/reporting/assignments.csv").expect(has="Annual training")

        return flow


class FloorFlows:
    """The two requests of the bare program."""

    def __init__(self, port: int) -> None:
        self._port = port

    def get(self, number: int) -> Flow:
        """The page."""
        browser = self._entered(number)

        def flow() -> None:
            browser.get("/").expect(has="Officer")

        return flow

    def post(self, number: int) -> Flow:
        """An attempt of ten answers, saved."""
        browser = self._entered(number)
        form = {f"choice{place}": "b" for place in range(ANSWERS)}

        def flow() -> None:
            browser.post("/attempts", form).expect(201)

        return flow

    def _entered(self, number: int) -> Browser:
        browser = Browser(self._port)
        browser.get(f"/in/t{number * 37 % PEOPLE + 1}").expect()
        return browser


def token_of(page: Page) -> dict[str, str]:
    """The form's own token."""
    return {"csrf_token": page.hidden()["csrf_token"]}
