"""Question exchange: the item bank as Moodle XML, GIFT and QTI 3.0, out and in.

``bank`` is the neutral shape that every format is written from and read into; ``formats`` is the way in. A reader
keeps what an item here has room for, and notes every other thing that the file holds, with file, line and place,
in the same ``Faults`` that content is checked with. A file that cannot be read at all raises ``CannotExchange``.
Nothing here knows a database or a clock: the same bank gives the same bytes.
"""
