"""The shape of what is typed when signing, declining, witnessing and answering."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from wtforms import BooleanField, HiddenField, PasswordField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, StopValidation

from lms.attestation.rules import LONGEST_RESERVATION, WAYS, Shown, ShownChanges
from lms.errors import Stale
from lms.web.forms import Form

ON_DUTY = [SelectChoice("yes", "Yes, on duty"), SelectChoice("no", "No, off duty")]
AT_MOST = f"Write at most {LONGEST_RESERVATION:,} characters."


class ShownForm(Form):
    """Carries what stood on the page, and a key that makes a repeated click harmless."""

    policy_version_id = HiddenField()
    course_version_id = HiddenField()
    statement_sha256 = HiddenField()
    idempotency_key = HiddenField()

    typed: ClassVar[tuple[str, ...]] = ()
    """Fields that are kept as a draft where the act is refused: never a password."""
    ticked: ClassVar[tuple[str, ...]] = ()
    """Boxes that stay ticked on the page that says what was wrong, while it shows the same text; in no draft."""

    @property
    def shown(self) -> Shown:
        """What was shown. Raises Stale where the page was not one of ours."""
        try:
            return Shown(
                int(self.policy_version_id.data or ""),
                int(self.course_version_id.data or ""),
                self.statement_sha256.data or "",
            )
        except ValueError as error:
            raise Stale("This page is incomplete. Reload it and try again; nothing was signed.") from error

    @property
    def text_shown(self) -> list[str]:
        """What names the text on the page, as the form carries it: the same list is the same text."""
        return [field.data or "" for field in (self.policy_version_id, self.course_version_id, self.statement_sha256)]

    def show(self, shown: Shown, idempotency_key: str) -> None:
        """Puts what is now on the page into the form."""
        self.policy_version_id.data = str(shown.policy_version_id)
        self.course_version_id.data = str(shown.course_version_id)
        self.statement_sha256.data = shown.statement_sha256
        self.idempotency_key.data = idempotency_key


class SignAttestationForm(ShownForm):
    """Signing."""

    typed = ("reservation", "on_duty", "way")
    ticked = ("intent",)

    reservation = TextAreaField(
        "Question or reservation",
        description="You may leave this empty. You can sign and still ask or state a reservation: it is kept with your "
        "signature and goes to the training sergeant, who answers you by the date below. At most 4,000 characters.",
        validators=[Length(max=LONGEST_RESERVATION, message=AT_MOST)],
    )
    on_duty = RadioField(
        "Did you do this training on duty?",
        choices=ON_DUTY,
        validators=[InputRequired("Choose one.")],
    )
    intent = BooleanField(
        "I have read the statement above and I mean to sign it.",
        validators=[InputRequired("Check this box if you mean to sign. Otherwise use “Decline to sign”.")],
    )
    way = RadioField(
        "How do you sign?",
        choices=[SelectChoice(way, label) for way, (label, _) in WAYS.items()],
        default="password",
    )
    password = PasswordField(
        "Your password, once more",
        description="This shows that it is you who signs.",
    )
    code = StringField(
        "One-time code",
        description="The six digits that your app shows now.",
    )
    prepared = HiddenField()
    assertion = HiddenField()

    def offer(self, ways: Sequence[str]) -> None:
        """Leaves the ways that this person has; the strongest one that needs no script is chosen."""
        self.way.choices = [SelectChoice(way, WAYS[way][0]) for way in ways]
        if self.way.data not in ways or self.way.data == "passkey":
            self.way.data = next(way for way in ways if way != "passkey")

    def validate_password(self, field: PasswordField) -> None:
        """A passkey needs no password. Raises StopValidation where one is missing."""
        if self.way.data != "passkey" and not field.data:
            raise StopValidation("Type your password to sign.")

    def validate_code(self, field: StringField) -> None:
        """Raises StopValidation where the code is needed and missing."""
        if self.way.data == "password_totp" and not field.data:
            raise StopValidation("Type the code that your app shows now, or choose to sign with your password alone.")


class DeclineAttestationForm(ShownForm):
    """Declining to sign."""

    typed = ("reason", "on_duty", "first_witness", "second_witness")

    reason = TextAreaField(
        "Your reason",
        description="You may leave this empty. You do not have to give a reason.",
        validators=[Length(max=LONGEST_RESERVATION, message=AT_MOST)],
    )
    on_duty = RadioField(
        "Did you do this training on duty?",
        choices=ON_DUTY,
        validators=[InputRequired("Choose one.")],
    )
    first_witness = StringField(
        "First witness",
        description="Badge number or department email address.",
        validators=[InputRequired("Name the first witness.")],
    )
    second_witness = StringField(
        "Second witness",
        description="Badge number or department email address.",
        validators=[InputRequired("Name the second witness.")],
    )


class ConfirmWitnessForm(Form):
    """A witness's own confirmation."""

    password = PasswordField("Your password, once more", description="Needed to confirm. Not needed to say no.")


class NameWitnessForm(Form):
    """Another witness in the place of one who was not there."""

    witness = StringField(
        "Another witness",
        description="Badge number or department email address.",
        validators=[InputRequired("Name a witness.")],
    )


class AnswerQuestionForm(Form):
    """The training sergeant's answer."""

    answer = TextAreaField(
        "Answer",
        description="The officer gets this by mail and sees it beside the signature. It cannot be changed later.",
        validators=[InputRequired("Write the answer."), Length(max=LONGEST_RESERVATION, message=AT_MOST)],
    )


class ConfirmChangesForm(Form):
    """Carries which text, and which earlier signature, stood on the page of what changed."""

    policy_version_id = HiddenField()
    since_id = HiddenField()

    @property
    def shown(self) -> ShownChanges:
        """What was shown. Raises Stale where the page was not one of ours."""
        try:
            since = self.since_id.data or ""
            return ShownChanges(int(self.policy_version_id.data or ""), int(since) if since else None)
        except ValueError as error:
            raise Stale("This page is incomplete. Reload it and try again; nothing was recorded.") from error

    def show(self, shown: ShownChanges) -> None:
        """Puts what is now on the page into the form."""
        self.policy_version_id.data = str(shown.policy_version_id)
        self.since_id.data = "" if shown.since_id is None else str(shown.since_id)
