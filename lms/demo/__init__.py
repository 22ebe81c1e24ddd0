"""The demonstration: a fictitious department whose history is made by the application's own actions.

Owns the people, their habits and their days; writes no row of a feature itself where an action exists. All acts run
under a simulated clock, in the order of their times. Refuses to touch a folder that it did not make.
Words: the *cast* are the people whose sign-in is printed; a *fate* is what befalls a member; the *agenda* is the
queue of acts by time.
"""
