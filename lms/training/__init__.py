"""Training: requirements, assignments, progress, extensions and waivers.

Owns what each person has to do, by when, how far they have come and how it ended. Refuses to know cycles and
cadences (``lms.schedule`` decides the dates and makes the assignments), questions and scenarios
(``lms.assessment``) and signatures (``lms.attestation``): those features call the actions here.

Words: an *assignment* is one person's obligation for one cycle of a requirement. Its *path* says which part
of the course it asks for. A *step* is a lesson, a scenario or the questions of a module. The *state* is
derived from the dates on the day it is asked for. One completion may *satisfy* several assignments.
"""
