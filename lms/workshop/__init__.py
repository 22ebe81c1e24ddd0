"""The workshop: a course as its author sees it while writing, beside everything that is wrong with it.

Owns ``lms content serve``: a small app of its own that shows a folder of content with the pages and components that
officers see, draws each scenario's map, lists the faults where they are, and shows the page anew when a file is saved.

Refuses: to know a database, an account or a department's settings, to change a file, and to record what is played.

Words: a *draft* is a course as far as it can be read; its *fingerprint* changes when any of its files does.
"""
