"""What the training sergeant fills in to move or waive somebody's assignment."""

from __future__ import annotations

from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length

from lms.web.forms import DayField, Form

REASON_LIMIT = 2000
_reason = (
    InputRequired("Give the reason. It is kept with the record."),
    Length(max=REASON_LIMIT, message=f"Keep the reason under {REASON_LIMIT} characters."),
)


class ExtendAssignmentForm(Form):
    """Another due date, and why."""

    until_on = DayField(
        "New due date",
        description="An earlier date takes back an extension made by mistake, but never to before today or the first "
        "due date.",
        validators=[InputRequired("Enter the new due date.")],
    )
    reason = TextAreaField(
        "Reason", description="The person and HR can read it. It is kept with the record.", validators=_reason
    )
    next = HiddenField()


class WaiveAssignmentForm(Form):
    """Why an assignment need not be done."""

    reason = TextAreaField(
        "Reason", description="The person and HR can read it. It is kept with the record.", validators=_reason
    )
    next = HiddenField()
