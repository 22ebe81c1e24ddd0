"""How long a thing takes by itself: processor time, without collecting the garbage of the tests that ran before."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def within_a_second() -> Iterator[None]:
    """Fails where what stands in it takes a second of processor time or more."""
    gc.collect()
    gc.freeze()
    began = time.process_time()
    try:
        yield
        took = time.process_time() - began
    finally:
        gc.unfreeze()
    assert took < 1, f"took {took:.2f} seconds"
