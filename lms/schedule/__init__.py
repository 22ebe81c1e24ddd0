"""Schedule: who must do what by when, and who is told.

Owns cadences, cycles, the arithmetic of windows and leave, the notices about due dates and the jobs that run
them. Refuses to keep anything of its own: what it decides is made into assignments (``lms.training``) and letters
(``lms.notify``), and every job is an idempotent function of the database and the time.

Words: a *requirement* has a *rule*; a *cycle* is one round of it; the *window* is from the day an assignment opens
to the day it is due; *grace* follows it; an *audience* is a rule over the roster, asked anew at each run.
"""
