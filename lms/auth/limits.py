"""The limit on failed tries from one network address, in each process's memory.

Only failures count: at shift change a whole station signs in through one address. Guesses at one account are
slowed by ``SignInLock`` in the database, which all processes share.
"""

from __future__ import annotations

from flask import Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window", headers_enabled=False)

LIMITED = "auth"
"""The one blueprint whose views have limits; a test holds that no other has any."""
FAILURES = "30 per minute; 200 per hour"
LETTERS = "10 per minute; 60 per hour"


@limiter.request_filter
def unlimited() -> bool:
    """Whether the request is of no view that has a limit: then nothing of it is looked up."""
    return request.blueprint != LIMITED


def failed(response: Response) -> bool:
    """Whether an answer was a refusal; a success redirects."""
    return response.status_code >= 400
