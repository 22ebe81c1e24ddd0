"""Letters about signing. Each is built here and sent by the worker."""

from __future__ import annotations

from lms.attestation.models import Attestation, SigningQuestion
from lms.notify.rules import Letter


def receipt_letter(attestation: Attestation, url: str) -> Letter:
    """The signer's receipt by mail: where it is, and how to keep it."""
    return Letter(
        f"Your receipt: {attestation.course_version.title}",
        f"{attestation.printed_name},\n\n"
        "your signature was recorded. Your receipt, with everything that you signed, is here:\n\n"
        f"{url}\n\n"
        f"Record number: {attestation.record_id}\n\n"
        "Download the PDF and keep it. It carries a code that anybody can check, also if you leave the department.\n",
    )


def decline_letter(attestation: Attestation, url: str) -> Letter:
    """The receipt by mail for somebody who declined: where it is, and what happens next."""
    return Letter(
        f"Your receipt: {attestation.course_version.title}, not signed",
        f"{attestation.printed_name},\n\n"
        "it was recorded that you completed this training and declined to sign the statement. That is allowed. The two "
        "people whom you named are asked to confirm that you declined. Your receipt is here:\n\n"
        f"{url}\n\n"
        f"Record number: {attestation.record_id}\n\n"
        "Download the PDF and keep it. It carries a code that anybody can check, also if you leave the department.\n",
    )


def witness_letter(attestation: Attestation, url: str) -> Letter:
    """Asks a witness to confirm."""
    return Letter(
        "Please confirm as a witness",
        f"{attestation.printed_name} completed a training and declined to sign the statement that goes with it. "
        "That is allowed. You were named as a witness of it.\n\n"
        f"Please sign in and say whether you saw it:\n\n{url}\n",
    )


def question_letter(attestation: Attestation, question: SigningQuestion, url: str) -> Letter:
    """Tells the training sergeant that a question waits."""
    return Letter(
        f"A question from {attestation.printed_name}, to be answered by {question.answer_by:%m/%d/%Y}",
        f"{attestation.printed_name} asked this when signing:\n\n{question.text}\n\nAnswer it here:\n\n{url}\n",
    )


def answer_letter(question: SigningQuestion, url: str) -> Letter:
    """Tells the signer the answer."""
    return Letter(
        "Your question was answered",
        f"When you signed, you asked:\n\n{question.text}\n\nThe answer:\n\n{question.answer}\n\n"
        f"It is kept with your record:\n\n{url}\n",
    )
