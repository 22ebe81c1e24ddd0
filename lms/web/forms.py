"""The base of every form."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from copy import copy

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, PasswordField, StringField

from lms.errors import RollcallError

NO_DATE = "Type a date that exists as month/day/year, such as 03/05/2026, or choose it from the calendar."


class Form(FlaskForm):
    """A form with a CSRF token. Texts are stripped at both ends and kept in one Unicode form."""

    class Meta(FlaskForm.Meta):
        """Strips what people type, so that a stray space is never an error."""

        def bind_field(self, form, unbound_field, options):  # type: ignore[no-untyped-def]
            """Adds the stripping filter to text fields."""
            if issubclass(unbound_field.field_class, StringField) and not issubclass(
                unbound_field.field_class, PasswordField | HiddenField
            ):
                own = unbound_field.kwargs.get("filters", ())
                unbound_field = copy(unbound_field)
                unbound_field.kwargs = {**unbound_field.kwargs, "filters": [_strip, *own]}
            return unbound_field.bind(form=form, **options)


class DayField(DateField):
    """A date. Browsers without a calendar let people type it, so the usual American form is read, too."""

    def __init__(self, label: str | None = None, validators: Sequence[object] | None = None, **kwargs: object) -> None:
        """Takes what WTForms' own field takes."""
        super().__init__(label, validators, format=["%Y-%m-%d", "%m/%d/%Y"], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Reads the date. Raises ValueError with a sentence that says what to type."""
        try:
            super().process_formdata([text.strip() for text in valuelist])
        except ValueError:
            raise ValueError(NO_DATE) from None


def clean(text: str) -> str:
    """Text that somebody sent: without spaces at both ends, and in one Unicode form."""
    return unicodedata.normalize("NFC", text.replace("\x00", "")).strip()


def _strip(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


def add_error(form: FlaskForm, error: RollcallError) -> None:
    """Shows a refusal of an action at the field that it names, or at the top of the form."""
    field = getattr(form, error.field, None) if error.field else None
    if field is None:
        form.form_errors.append(error.message)
    else:
        field.errors = [*field.errors, error.message]
