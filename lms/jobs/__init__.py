"""Jobs: what the worker does, when it last did it, and how it went.

Owns the table of all jobs and their runs. Refuses to know what a job does: each is one function of the feature
whose work it is. Words: a job is *due* when its last run began at least ``every`` ago, as the database says; the
scheduler's memory decides nothing, so that any downtime is caught up with.
"""
