"""Sample content: the policy's own words (Portland SOP 110) and fictitious people, numbers and events."""

from __future__ import annotations

from types import SimpleNamespace

FLASHES = (
    ("success", "Your answer was saved."),
    ("info", "The policy was revised on January 10, 2021."),
    ("warning", "Question 4 has no answer yet."),
    ("error", "The file could not be read. Nothing was changed."),
)
E = (
    "For safety and security reasons, department personnel are cautioned about (but not prohibited from) disclosing their "
    "employment, displaying department logos, uniforms or similar identifying items or posting personal photographs or "
    "similar means of personal recognition that may cause them to be identified as a police officer on personal web pages."
)
F = (
    "Officers who (or who may reasonably be expected to) work in undercover operations, should not post any form of visual "
    "or personal identification."
)
K = (
    ("IV.B.2.k", "k.", "Department personnel should be aware that they may be subject to civil litigation for:"),
    (
        "IV.B.2.k.1",
        "1)",
        "publishing or posting false information that harms the reputation of another person, group or organization (defamation);",
    ),
)
STATES = (
    "not_yet_open",
    "open",
    "due_soon",
    "overdue",
    "delinquent",
    "completed",
    "declined",
    "waived",
    "on_leave",
    "separated",
    "awaiting_witnesses",
)
STATEMENT = (
    "I received and read SOP 110, Social Media, section IV.B. I completed the training named below and had the chance to ask "
    "questions. I understand that the policy applies to me. My signature records completion, not agreement. It admits nothing "
    "and waives no right under the Constitutions, the law, the collective bargaining agreement or the grievance process."
)
FINGERPRINT = "9d2f 6c1e 40b7 a3d8 51f0 7be2 c694 0a1d 8e37 f25c b908 64e1 3fa7 d0c2 95b8 1e64"
STEM = (
    "Officer Nadeau has put in for the drug unit but has not been assigned. His sister posts a graduation photo that shows "
    "his face and full name. Which step fits the policy best?"
)
OPTIONS = (
    ("a", "Leave it. The clause starts on the day of the assignment."),
    ("b", "Ask her to take the name and photo down, and tell his sergeant."),
    ("c", "Share it himself, without mentioning the department."),
)
STEPS = tuple(
    SimpleNamespace(label=label, state=state, url=url, note=note)
    for label, state, url, note in (
        ("Lesson: known as an officer, or never known", "done", "/module", "6 min"),
        ("Scenario: The badge photo", "done", "/scenario", "3 min"),
        ("Scenario: The graduation selfie", "current", "/scenario", "3 min"),
        ("Questions", "todo", None, "8 questions"),
        ("Sign", "locked", None, None),
    )
)
UNITS = (
    ("Patrol, First Shift", 38, 41, "/assignments"),
    ("Patrol, Second Shift", 29, 44, "/assignments"),
    ("Patrol, Third Shift", 17, 36, "/assignments"),
    ("Criminal Investigations", 22, 22, "/assignments"),
    ("Drug Unit", 6, 9, "/assignments"),
    ("Community Policing", 7, 8, "/assignments"),
)
PARTS = (
    ("Completed", 119, "completed", "/assignments"),
    ("Completed, unsigned", 1, "declined", "/assignments"),
    ("Due soon", 21, "due_soon", "/assignments"),
    ("Overdue", 9, "overdue", "/assignments"),
    ("On leave", 6, "on_leave", "/assignments"),
)
WEEKS = ("Jul 1", "Jul 8", "Jul 15", "Jul 22", "Jul 29", "Aug 5", "Aug 12", "Aug 14", "Aug 19", "Aug 26")
THIS_YEAR = (2, 11, 23, 38, 52, 67, 76, None, None, None)
LAST_YEAR = (1, 6, 14, 22, 30, 41, 58, 79, 88, 94)
ROWS = tuple(
    SimpleNamespace(name=name, badge=badge, unit=unit, due=due, days=days, done=done, state=state)
    for name, badge, unit, due, days, done, state in (
        ("Albright, Jerome", "3984", "Patrol, Third Shift", "Jul 15, 2026", 28, "2 of 8", "delinquent"),
        ("Bouchard, Lucille", "4410", "Patrol, Second Shift", "Jul 31, 2026", 12, "5 of 8", "overdue"),
        (
            "Castellanos-Montgomery, Maria Fernanda",
            "4022",
            "Patrol, Second Shift",
            "Aug 4, 2026",
            8,
            "7 of 8",
            "overdue",
        ),
        ("Delano, Pete", "3871", "Criminal Investigations", "Aug 14, 2026", None, "8 of 8", "awaiting_witnesses"),
        ("Eastman, Ruth", "4466", "Community Policing", "Aug 14, 2026", None, "3 of 8", "due_soon"),
        ("Fournier, Amos", "4103", "Drug Unit", "Aug 14, 2026", None, "0 of 8", "on_leave"),
        ("Guerrette, Nadine", "4290", "Patrol, First Shift", "Aug 14, 2026", None, "8 of 8", "completed"),
    )
)
PAGE = SimpleNamespace(number=4, pages=12, total=282, first=76, last=100, url=lambda n: f"/assignments?page={n}")
