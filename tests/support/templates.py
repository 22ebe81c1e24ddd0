"""Compiled templates, shared by all applications of a test run: each test makes an app of its own, and compiling the
same pages anew was a third of the time of every test that opens one."""

from __future__ import annotations

from jinja2 import Environment
from jinja2.bccache import Bucket, BytecodeCache


class CompiledOnce(BytecodeCache):
    """Keeps bytecode in memory. Jinja holds the text's checksum against it, so a changed template is compiled anew."""

    def __init__(self) -> None:
        """Begins empty."""
        self._kept: dict[str, bytes] = {}

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """As Jinja's own; environments that would compile a text differently share nothing."""
        ways = (environment.trim_blocks, environment.lstrip_blocks, environment.undefined, environment.autoescape)
        return super().get_bucket(environment, f"{ways}|{name}", filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fills the bucket where the template was compiled before."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps what was compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()
