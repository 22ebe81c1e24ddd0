"""Officers who walk from the first choice to the receipt, try again when the line goes dead, and note what was acknowledged."""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.client import REDIRECTS, Browser, Page, Unexpected
from bench.seed import stem_key
from tests.crash.officers import Officer
from tests.factories.people import PASSWORD

MODULE, SCENARIO = "8", "one-long-week"
TRIES_FOR = 60.0
_STEM = re.compile(r'<legend class="stem">(.*?)</legend>', re.S)
_CHOICE = re.compile(r'name="choice" value="([^"]+)"')
_NUMBER = re.compile(r"/(\d+)(?:/|$)")


@dataclass(slots=True)
class Journal:
    """What the officers saw acknowledged, and what went wrong."""

    choices: list[tuple[int, int, str]] = field(default_factory=list)
    """Assignment, position, choice."""
    answers: list[tuple[int, int, str]] = field(default_factory=list)
    """Attempt, position, option."""
    signatures: list[tuple[Officer, int, dict[str, str]]] = field(default_factory=list)
    """Who, the receipt's number, and the form as it was sent."""
    lost: int = 0
    """Requests that were sent and whose answer never came."""
    faults: list[str] = field(default_factory=list)


class Walker(threading.Thread):
    """One device that officers use one after the other until ``stop`` is set."""

    def __init__(
        self, port: int, officers: Iterator[Officer], right: dict[str, str], stop: threading.Event, seed: int
    ) -> None:
        super().__init__(daemon=True)
        self.journal = Journal()
        self.out_of_officers = False
        self._browser = Browser(port, timeout=20)
        self._officers, self._right, self._stop_asked = officers, right, stop
        self._chance = random.Random(seed)

    def run(self) -> None:
        """Walks one officer after the other; the one who is under way comes to the receipt."""
        try:
            while not self._stop_asked.is_set():
                officer = next(self._officers, None)
                if officer is None:
                    self.out_of_officers = True
                    return
                self._browser.cookies = {"rollcall": officer.cookie}
                self._walk(officer)
        except BaseException as fault:
            self.journal.faults.append(f"{type(fault).__name__}: {fault}")
        finally:
            self._browser.close()

    def _walk(self, officer: Officer) -> None:
        self._walk_scenario(officer)
        page = self._get(f"/assessment/{officer.assignment_id}/{MODULE}/questions").expect(has="Start")
        at = self._post(f"/assessment/{officer.assignment_id}/{MODULE}/questions/start", page.hidden())
        page = self._get(at)
        while "/result" not in page.path:
            page = self._answer(page)
        page.expect(has="Passed")
        self._sign(officer)

    def _walk_scenario(self, officer: Officer) -> None:
        at = f"/assessment/{officer.assignment_id}/{MODULE}/scenarios/{SCENARIO}"
        page = self._get(at)
        while choices := _CHOICE.findall(page.text):
            form = {**page.hidden(), "choice": self._chance.choice(choices)}
            self._post(f"{at}/choose", form, wanted=at)
            self.journal.choices.append((officer.assignment_id, int(form["position"]), form["choice"]))
            page = self._get(at)
        page.expect(has="Go on with the module")

    def _answer(self, page: Page) -> Page:
        """Answers the question on the page, reads the feedback, and goes on."""
        stem = _STEM.search(page.text)
        if stem is None:
            raise Unexpected(f"{page.path} asks nothing")
        attempt_id, position = (int(number) for number in _NUMBER.findall(page.path.replace("/", "//")))
        form = {**page.hidden(), "option": self._right[stem_key(stem[1])]}
        self._post(page.path, form, wanted=page.path)
        self.journal.answers.append((attempt_id, position, form["option"]))
        return self._get(self._get(page.path).expect(has="verdict-right").next_link())

    def _sign(self, officer: Officer) -> None:
        at = f"/attestation/{officer.assignment_id}/sign"
        form = self._get(at).expect(has="idempotency_key").hidden()
        form |= {"on_duty": "yes", "intent": "y", "password": PASSWORD, "reservation": "May I ask?"}
        receipt = self._post(at, form, wanted="/attestation/receipts/")
        self.journal.signatures.append((officer, int(receipt.rpartition("/")[2]), form))
        self._get(receipt).expect(has="The statement")

    def _get(self, path: str) -> Page:
        """Opens a page however often it takes, and follows where it leads."""
        for _ in range(6):
            page, target = self._patiently("GET", path, None)
            if page.status not in REDIRECTS:
                return page.expect()
            path = target
        raise Unexpected(f"{path} leads in a circle")

    def _post(self, path: str, form: dict[str, str], *, wanted: str = "") -> str:
        """Sends the same form until a redirect acknowledges it; where it leads."""
        page, target = self._patiently("POST", path, form)
        if page.status not in REDIRECTS or not target.startswith(wanted):
            raise Unexpected(f"POST {path} gave {page.status} to {target!r}, not to {wanted!r}: {page.text[-600:]}")
        return target

    def _patiently(self, method: str, path: str, form: dict[str, str] | None) -> tuple[Page, str]:
        until = time.monotonic() + TRIES_FOR
        time.sleep(self._chance.uniform(0.0, 0.02))
        while True:
            try:
                return self._browser.send(method, path, form)
            except (OSError, http.client.HTTPException) as fault:
                self.journal.lost += not isinstance(fault, ConnectionRefusedError)
                if time.monotonic() > until:
                    raise
                time.sleep(0.03)
