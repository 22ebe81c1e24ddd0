"""The training sergeant's desk and the supervisor's team page. Reads only: nothing here changes a row.

Owns what counts as *current*: the assignments of people who work here that are open, and those that were closed in
the last twelve months and have not been followed by a newer one of the same requirement. Every figure, bar and list
is over that one set, so that numbers add up with the lists behind them. Refuses to show a supervisor anything but
the status of their own people: no scores, no answers, no kind of leave.
"""
