"""The bundle: records with all that proves them, in one file that is checked without this program.

Owns what stands in a bundle and how its bytes are written. Refuses to serialise a stored entry or disclosure again, to
carry a value that was to be withheld, and to depend on anything but one state of the log: the same request over the
same state gives the same bytes.
"""
