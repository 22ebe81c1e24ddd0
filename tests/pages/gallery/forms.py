"""Sample forms of the gallery: one field of each kind."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired


class SampleForm(FlaskForm):
    """Extending a due date, with a field of each kind."""

    name = StringField("Name", description="As it stands on the badge.")
    badge = IntegerField("Badge number", validators=[DataRequired()])
    email = EmailField("Department email")
    unit = SelectField("Unit", choices=["Patrol, First Shift", "Patrol, Second Shift", "Drug Unit"])
    new_due_on = DateField("New due date", description="Not later than 60 days after the old one.")
    kind = RadioField("Reason", choices=["leave", "light_duty", "other"])
    note = TextAreaField("Note for the record", description="The officer sees this.")
    roster = FileField("Roster file", description="CSV or XLSX, up to 2 MB.")
    on_duty = BooleanField("This training was done on duty", description="Ask your sergeant if you are not sure.")
    person = HiddenField(default="4127")

    def fill_with_errors(self) -> None:
        """As it comes back after a refusal."""
        self.name.data = "Caleb Nadeau"
        self.badge.errors = ["Enter the badge number."]
        self.new_due_on.errors = ["The new due date must be after August 14, 2026."]
        self.kind.errors = ["Choose a reason."]
        self.form_errors.append("This assignment was changed by somebody else a minute ago.")


class SignInForm(FlaskForm):
    """Badge number or email, and password."""

    login = StringField("Badge number or department email")
    password = PasswordField("Password")

    def refuse(self) -> None:
        """As it comes back after a wrong password."""
        self.login.data = "4127"
        self.password.errors = ["The sign-in name or the password is not right."]
