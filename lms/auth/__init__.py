"""Sign-in: passwords, sessions that can be revoked, slowing of guesses, one-time links, and the accounts
desk.

Owns who is at the other end of a request, and the fresh password that a signature asks for. Refuses to say
whether an account exists, to keep a password or a token in readable form, and to let somebody in who no
longer works here.
Words: a *session* is one signed-in browser; a *lock* slows guesses at one name; a *link* sets a password
once.
"""
