"""The shape of what is sent: a choice in a scenario, an answer, the note of a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from lms.web.forms import Form, clean

NOTE_LIMIT = 2000
REF_LIMIT = 80


class MakeChoiceForm(Form):
    """One choice, with the place in the story and the version of the course that the page showed."""

    version = IntegerField(validators=[InputRequired("The page was incomplete.")])
    position = IntegerField(validators=[InputRequired("The page was incomplete.")])
    scene = StringField(validators=[InputRequired("The page was incomplete."), Length(max=REF_LIMIT)])
    choice = StringField(validators=[InputRequired("Choose one of the ways on the page."), Length(max=REF_LIMIT)])


@dataclass(frozen=True, slots=True)
class GivenOption:
    """One answer to one question. ``error`` says what is wrong with it, and is empty where nothing is."""

    ref: str
    error: str = ""


def read_option(form: Mapping[str, str]) -> GivenOption:
    """The answer that was sent. One plain field: a form class would take longer than saving the answer does.

    That the page was ours is checked before any view (``CSRFProtect``).
    """
    sent = form.get("option", "")
    if not sent:
        return GivenOption("", "Choose an answer first.")
    ref = clean(sent)
    if len(ref) > REF_LIMIT:
        return GivenOption(ref, f"Field cannot be longer than {REF_LIMIT} characters.")
    return GivenOption(ref)


class UnlockAttemptForm(Form):
    """What the training sergeant and the officer went through together."""

    note = TextAreaField(
        "What you went through together",
        description="One or two sentences. The officer and HR can read it. It is kept with the record.",
        validators=[
            InputRequired("Write in a sentence what you went through together."),
            Length(max=NOTE_LIMIT, message=f"Keep the note under {NOTE_LIMIT} characters."),
        ],
    )
    next = HiddenField()
