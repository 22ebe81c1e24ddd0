"""Assessment: scenarios that an officer plays, questions that an officer answers, and what follows from them.

Owns scenario runs and their choices, attempts and their answers, grading, the capstone's forms, remediation
after a failed capstone, and the conversation that opens one more attempt. Every choice and every answer is
saved as it is given and is never changed afterwards; what was on the page goes to the ledger with it.

Refuses: to change a recorded choice or answer, to count a scenario's rating toward pass or fail (only
answers that a clause decides do that), and to know anything of signing: it tells ``lms.training`` what was
passed, and stops there.

Words: a *run* is one person's recorded way through a scenario; *practice* is another way, which is never
stored. An *attempt* is one sitting of questions (``module``, ``capstone`` or ``remediation``); a *form* is
a fixed set of capstone items; *presented* is the order in which items and options were shown; *missed*
clauses are those of wrong answers.
"""
