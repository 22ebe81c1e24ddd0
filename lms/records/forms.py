"""The purpose of a look, the period of an export, and changes of status."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from lms.roster.rules import LEAVE_KINDS
from lms.web.context import today
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


class FindNoticeForm(Form):
    """Which clause, and on which day. It is sent as an address, so that the answer can be linked."""

    class Meta(Form.Meta):
        """Reading changes nothing, so the address needs no token."""

        csrf = False

    clause = SelectField("Clause", validators=[InputRequired("Choose a clause.")])
    on = DayField("As of the end of", validators=[InputRequired("Enter the day.")])

    def validate_on(self, field: DayField) -> None:
        """Nobody can say today what will have been known on a day to come."""
        if field.data is not None and field.data > today():
            raise ValidationError("Choose today or a day before it: what is not over yet cannot be stated.")


class ExportAttestationsForm(Form):
    """Which attestations to export, and why."""

    since_on = DayField("First day", validators=[InputRequired("Enter the first day.")])
    until_on = DayField("Last day", validators=[InputRequired("Enter the last day.")])
    purpose = TextAreaField(
        "What do you need these records for?",
        description="Such as the case or request number. It is kept on the ledger with your name.",
        validators=_purpose,
    )


class RequestBundleForm(Form):
    """Which records to bundle for somebody outside, what to withhold, and why."""

    scope = RadioField(
        "Which records",
        choices=[
            SelectChoice("person", "All records about one person"),
            SelectChoice("period", "All records of a period"),
        ],
        validators=[InputRequired("Choose a person or a period.")],
    )
    person = StringField("Badge or email address", description="For a person; also of one who left.")
    since_on = DayField("First day", description="For a period.", validators=[Optional()])
    until_on = DayField("Last day", description="For a period.", validators=[Optional()])
    redaction = FileField(
        "Redaction file (optional)",
        description="A YAML or JSON file that names the fields to withhold, and the exemption for each. "
        "Ask counsel which exemption applies.",
    )
    purpose = TextAreaField(
        "What do you need these records for?",
        description="Such as the case or request number. It is kept on the ledger with your name, "
        "and a person whose records they are can read it.",
        validators=_purpose,
    )


class RecordLeaveForm(Form):
    """A time away. Kind and note are for HR."""

    kind = SelectField(
        "Kind of leave",
        description="Only HR sees it.",
        choices=[SelectChoice("", "Choose one"), *(SelectChoice(value, label) for value, label in LEAVE_KINDS.items())],
        validators=[InputRequired("Choose the kind of leave.")],
    )
    starts_on = DayField("First day away", validators=[InputRequired("Enter the first day away.")])
    ends_on = DayField(
        "Last day away",
        description="Leave this empty while the return is not known.",
        validators=[Optional()],
    )
    note = TextAreaField(
        "Note",
        description="Only HR sees it.",
        validators=[Length(max=LONGEST_PURPOSE, message=f"Keep the note under {LONGEST_PURPOSE} characters.")],
    )


class CancelLeaveForm(Form):
    """A planned leave is taken back."""

    leave = IntegerField(validators=[InputRequired("The page was incomplete. Reload it and try again.")])


class RecordReturnForm(Form):
    """The end of a leave."""

    back_on = DayField("First day back at work", validators=[InputRequired("Enter the first day back.")])


class SeparatePersonForm(Form):
    """The end of service."""

    separated_on = DayField("Last day of service", validators=[InputRequired("Enter the last day of service.")])


class RehirePersonForm(Form):
    """Service begins again."""

    rehired_on = DayField("First day back in service", validators=[InputRequired("Enter the first day back.")])


class RenamePersonForm(Form):
    """Another name."""

    given_name = StringField("First name", validators=[DataRequired("Enter the first name."), Length(max=80)])
    family_name = StringField("Last name", validators=[DataRequired("Enter the last name."), Length(max=80)])
