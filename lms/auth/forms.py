"""What people type at sign-in and at the accounts desk."""

from __future__ import annotations

from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from lms.auth.passwords import SHORTEST
from lms.auth.rules import LONGEST_LABEL
from lms.web.forms import DayField, Form

ADVICE = (
    f"At least {SHORTEST} characters. Four words that do not belong together are strong and easy to remember. "
    "A password manager may fill this in."
)


class SignInForm(Form):
    """Email address and password."""

    email = EmailField("Email address", validators=[InputRequired("Enter your email address."), Length(max=254)])
    password = PasswordField("Password", validators=[InputRequired("Enter your password."), Length(max=1000)])
    next = HiddenField()


class ForgottenPasswordForm(Form):
    """Where to send the link."""

    email = EmailField("Email address", validators=[InputRequired("Enter your email address."), Length(max=254)])


class SetPasswordForm(Form):
    """A new password, twice."""

    new_password = PasswordField(
        "New password", description=ADVICE, validators=[InputRequired("Choose a password."), Length(max=1000)]
    )
    repeat = PasswordField(
        "New password again",
        validators=[
            InputRequired("Type the new password again."),
            EqualTo("new_password", "The two passwords are not the same. Type both again."),
        ],
    )


class ChangePasswordForm(SetPasswordForm):
    """The present password and a new one."""

    password = PasswordField(
        "Present password", validators=[InputRequired("Enter your present password."), Length(max=1000)]
    )


class ConfirmWithPasswordForm(Form):
    """A change that only the administrator in person may make."""

    password = PasswordField(
        "Your password", validators=[InputRequired("Enter your own password to confirm."), Length(max=1000)]
    )


class AddPasskeyForm(ConfirmWithPasswordForm):
    """A name for a new passkey, and the password once more."""

    label = StringField(
        "A name for this passkey",
        description="So that you know it again, such as “My phone”.",
        validators=[DataRequired("Give the passkey a name."), Length(max=LONGEST_LABEL)],
    )


class NewPasskeyForm(Form):
    """What the browser made; a script fills it in."""

    credential = HiddenField()


class ConfirmCodesForm(Form):
    """The first code of a new secret."""

    code = StringField(
        "The code that your app shows now", validators=[InputRequired("Type the six digits."), Length(max=20)]
    )


class AddAccountForm(Form):
    """A person on the roster, who gets an invitation."""

    given_name = StringField("First name", validators=[DataRequired("Enter the first name."), Length(max=80)])
    family_name = StringField("Last name", validators=[DataRequired("Enter the last name."), Length(max=80)])
    badge = StringField("Badge or employee number", validators=[DataRequired("Enter the number."), Length(max=20)])
    email = EmailField(
        "Email address",
        description="The invitation goes there. The person signs in with it.",
        validators=[DataRequired("Enter the email address."), Length(max=254)],
    )
    rank = StringField("Rank or title", validators=[DataRequired("Enter the rank or title."), Length(max=60)])
    unit_id = SelectField("Unit", coerce=int)
    new_unit = StringField("Or a new unit", validators=[Length(max=120)])
    hired_on = DayField("First day of service", validators=[InputRequired("Enter the first day of service.")])


class SeparateAccountForm(ConfirmWithPasswordForm):
    """The last day of service."""

    separated_on = DayField(
        "Last day of service",
        description="The account works through the end of that day. To close it now, enter yesterday's date.",
        validators=[InputRequired("Enter the last day of service.")],
    )
