"""The purpose of a look, and the period of an export."""

from __future__ import annotations

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from lms.web.forms import DayField, Form

LONGEST_PURPOSE = 500
_purpose = (
    InputRequired("Say what you need these records for."),
    Length(max=LONGEST_PURPOSE, message=f"Keep the purpose under {LONGEST_PURPOSE} characters."),
)
_HELP = "Such as the case or request number. It is kept, and the person can read it."


class StatePurposeForm(Form):
    """Why somebody's record is opened."""

    purpose = TextAreaField("What do you need this record for?", description=_HELP, validators=_purpose)


class ExportAttestationsForm(Form):
    """Which attestations to export, and why."""

    since_on = DayField("First day", validators=[InputRequired("Enter the first day.")])
    until_on = DayField("Last day", validators=[InputRequired("Enter the last day.")])
    purpose = TextAreaField(
        "What do you need these records for?",
        description="Such as the case or request number. It is kept on the ledger with your name.",
        validators=_purpose,
    )
