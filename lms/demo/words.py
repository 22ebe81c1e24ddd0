"""What people of the demonstration write: questions at signing, answers, reasons, notes."""

from __future__ import annotations

QUESTIONS = (
    (
        "I run the booster club's page and my profile there shows me in uniform at a game. Do I have to take it down?",
        "No. 2.e is a caution, not a ban. It is your choice; look at what else the picture gives away, such as your "
        "street or your children's school.",
    ),
    (
        "Does 1.c cover photos from the range that show only my own target?",
        "Training images are named in 1.c, so ask for written permission first. I put the form in your mailbox.",
    ),
    (
        "I signed, but I am not sure that 2.a leaves room for what our union posts during bargaining.",
        "Union and other legally protected activity is unaffected by the training and by your signature. For a "
        "particular post, ask the union or the police attorney.",
    ),
    (
        "My cousin tags me in family pictures and I may go to the Drug Unit next year. May I just ask her to untag me?",
        "2.f speaks of officers who may reasonably be expected to work undercover. Ask her to untag you, tell your "
        "lieutenant, and talk to the Drug Unit before the next picture.",
    ),
    (
        "If a friend sends me something covered by 2.n in a private group, whom do I tell at night?",
        "The shift supervisor on duty, right away. Do not investigate it yourself.",
    ),
    (
        "I sign with the reservation that nobody may ask me for my passwords.",
        "Nobody may: state law forbids it, and this training never asks for account names or passwords.",
    ),
    (
        "Who decides whether a podcast about restoring old cruisers speaks for the department?",
        "Ask before you begin: 2.j needs express authorization if you speak as a representative. As a hobby without "
        "our name or marks it is yours; for the marks see 1.d.",
    ),
)
OPEN_QUESTIONS = (
    "I coach a youth team, and parents add me to their group chat. If somebody there posts something listed in 2.n, "
    "does the duty to notify reach that chat too?",
    "Our retirement party invitation uses the department's patch. Is that a mark under 1.d, and who gives permission?",
)
DECLINE_REASONS = (
    "I want the union to look at the wording of 2.a before I sign anything.",
    "I completed the training. I do not sign statements without counsel; no disrespect meant.",
)
EXTENSIONS = (
    "Trial testimony for the first two weeks of the window.",
    "Assigned to the regional task force until the end of the month.",
    "Field training of two recruits; no desk time before the new date.",
)
WAIVERS = (
    "Retires before the cycle ends; last working day confirmed by HR.",
    "On loan to the state academy as an instructor of this same course.",
)
CREDIT_AGAIN = "Attended the classroom course on SOP 110 again; sign-in sheet on file."
CREDIT = "Credit for the classroom course on SOP 110, which counts for two training years; sign-in sheet on file."
UNLOCK_NOTES = (
    "Went through the missed clauses together, with two cases from our own shifts. He can explain the difference "
    "between a caution and a prohibition now.",
    "Talked for half an hour about testimony and sarcasm (2.i). She wrote two rewrites of her own.",
)
LOOK_PURPOSES = (
    "Grievance 24-017: which policy text the officer had been given.",
    "Background file for promotion to sergeant.",
    "Discovery request, docket CR-25-1183, through the police attorney.",
    "Annual review of training records, item 6.",
    "Officer asked for a copy of his own record.",
)
EXPORT_PURPOSE = "Accreditation file: attestations of the training year."
LEAVE_NOTES = {
    "military": "Orders on file with HR.",
    "medical": "Return date from the physician is awaited.",
    "family": "Parental leave.",
}
