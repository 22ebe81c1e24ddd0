"""Settings: one frozen object, read once from the environment and the instance folder's ``settings.env``.

Every setting is a variable ``LMS_…``. ``LMS_INSTANCE`` names the folder that holds what belongs to one department:
the embedded database, the keys, the ledger's last signed state and, where no mail server is set, the letters.
A variable of the environment wins over the same line in ``settings.env``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

SHORTEST_PASSPHRASE = 16
"""Whoever copies the folder of keys may guess as often as he likes, so a short passphrase protects nothing."""
LONGEST_PASSPHRASE = 1023
"""The longest that OpenSSL takes for a private key."""


class SettingsError(Exception):
    """A setting is missing or cannot be used; the text says which and how to mend it."""


@dataclass(frozen=True)
class Settings:
    """What one department's Rollcall runs with."""

    instance: Path
    database_url: str
    secret_key: str = field(repr=False)
    department: str = "Police Department"
    timezone: str = "America/New_York"
    public_url: str = "http://127.0.0.1:8000"
    ledger_origin: str = "rollcall.local/log"
    key_passphrase: bytes | None = field(default=None, repr=False)
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "Rollcall <rollcall@localhost>"
    secure_cookies: bool = False
    session_hours: int = 12
    password_time_cost: int = 3
    password_memory_kib: int = 65536
    answer_days: int = 7
    proxies: int = 0
    tsa_urls: tuple[str, ...] = ()
    anchor_mail: tuple[str, ...] = ()
    bundle_days: int = 14
    testing: bool = False

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
        """Reads the settings.

        Raises SettingsError with the variable's name where a value cannot be used.
        """
        environ = os.environ if environ is None else environ
        instance = Path(str(overrides.pop("instance", None) or environ.get("LMS_INSTANCE") or "instance")).resolve()
        values = {**read_env_file(instance / "settings.env"), **environ}

        def text(name: str, default: str) -> str:
            return values.get(f"LMS_{name}", "").strip() or default

        def number(name: str, default: int, low: int) -> int:
            raw = text(name, str(default))
            if not raw.isdigit() or int(raw) < low:
                raise SettingsError(f"LMS_{name} must be a whole number of at least {low}; it is {raw!r}.")
            return int(raw)

        zone = text("TIMEZONE", cls.timezone)
        if zone not in available_timezones():
            raise SettingsError(f"LMS_TIMEZONE must be a time zone such as America/New_York; it is {zone!r}.")
        public_url = text("PUBLIC_URL", cls.public_url).rstrip("/")
        if not public_url.startswith(("http://", "https://")):
            raise SettingsError(f"LMS_PUBLIC_URL must begin with http:// or https://; it is {public_url!r}.")
        settings: dict[str, object] = {
            "instance": instance,
            "database_url": normal_database_url(text("DATABASE_URL", f"sqlite:///{instance / 'rollcall.sqlite'}")),
            "secret_key": text("SECRET_KEY", "") or read_secret(instance),
            "department": text("DEPARTMENT", cls.department),
            "timezone": zone,
            "public_url": public_url,
            "ledger_origin": text("LEDGER_ORIGIN", cls.ledger_origin),
            "key_passphrase": read_passphrase(text("KEY_PASSPHRASE", ""), text("KEY_FILE", "")),
            "smtp_url": text("SMTP_URL", "") or None,
            "mail_from": text("MAIL_FROM", cls.mail_from),
            "secure_cookies": text("SECURE_COOKIES", "1" if public_url.startswith("https://") else "0") == "1",
            "session_hours": number("SESSION_HOURS", cls.session_hours, 1),
            "password_time_cost": number("PASSWORD_TIME_COST", cls.password_time_cost, 1),
            "password_memory_kib": number("PASSWORD_MEMORY_KIB", cls.password_memory_kib, 8),
            "answer_days": number("ANSWER_DAYS", cls.answer_days, 1),
            "proxies": number("PROXIES", cls.proxies, 0),
            "tsa_urls": read_authorities(text("TSA_URLS", "")),
            "anchor_mail": read_addresses(text("ANCHOR_MAIL", "")),
            "bundle_days": number("BUNDLE_DAYS", cls.bundle_days, 1),
        }
        return cls(**{**settings, **overrides})  # type: ignore[arg-type]

    @property
    def zone(self) -> ZoneInfo:
        """The department's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def ledger_folder(self) -> Path:
        """Where the sealer keeps its keys and its last signed state, outside the database."""
        return self.instance / "ledger"

    @property
    def authorities_folder(self) -> Path:
        """Root certificates (PEM) of the time-stamping authorities that the department trusts."""
        return self.ledger_folder / "authorities"

    @property
    def bundle_folder(self) -> Path:
        """Where bundles of evidence wait until HR fetches them."""
        return self.instance / "bundles"

    @property
    def mail_folder(self) -> Path:
        """Where letters are written as ``.eml`` files while no mail server is set."""
        return self.instance / "mail"


def read_authorities(text: str) -> tuple[str, ...]:
    """The addresses of time-stamping authorities, separated by commas."""
    urls = _listed(text)
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or len(url) > 300:
            raise SettingsError(
                f"LMS_TSA_URLS must be addresses with http:// or https://, separated by commas; {url!r} is not."
            )
        if "@" in parts.netloc:
            raise SettingsError("LMS_TSA_URLS may not hold a password: the addresses are recorded in the ledger.")
    return urls


def read_addresses(text: str) -> tuple[str, ...]:
    """The email addresses that get each anchored checkpoint, separated by commas."""
    addresses = _listed(text)
    for address in addresses:
        if not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", address) or len(address) > 254:
            raise SettingsError(f"LMS_ANCHOR_MAIL must be email addresses with commas between; {address!r} is not one.")
    return addresses


def _listed(text: str) -> tuple[str, ...]:
    """The parts of a list with commas, each once, in their order."""
    return tuple(dict.fromkeys(part for raw in text.split(",") if (part := raw.strip())))


def normal_database_url(url: str) -> str:
    """PostgreSQL addresses of every common spelling, for the one driver that is installed (psycopg 3)."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def read_env_file(path: Path) -> dict[str, str]:
    """The ``NAME=value`` lines of a settings file; empty where there is none."""
    if not path.is_file():
        return {}
    values: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, separator, value = line.partition("=")
        if not separator or not name.strip().startswith("LMS_"):
            raise SettingsError(f"{path}:{number}: write LMS_NAME=value.")
        values[name.strip()] = value.strip()
    return values


def read_passphrase(passphrase: str, key_file: str) -> bytes | None:
    """What opens the ledger's signing keys: a passphrase, or the content of a file; None where neither is set."""
    if passphrase and key_file:
        raise SettingsError("Set LMS_KEY_PASSPHRASE or LMS_KEY_FILE, not both.")
    if not key_file:
        found = passphrase.encode()
    else:
        try:
            found = Path(key_file).read_bytes().rstrip(b"\r\n")
        except OSError as error:
            raise SettingsError(f"LMS_KEY_FILE: {key_file} cannot be read: {error.strerror}.") from error
    if (passphrase or key_file) and len(found) < SHORTEST_PASSPHRASE:
        raise SettingsError(f"The passphrase of the signing keys needs at least {SHORTEST_PASSPHRASE} characters.")
    if len(found) > LONGEST_PASSPHRASE:
        raise SettingsError(f"The passphrase of the signing keys may have at most {LONGEST_PASSPHRASE} bytes.")
    return found or None


def read_secret(instance: Path) -> str:
    """The cookie-signing secret that ``lms init`` wrote; empty before it ran."""
    path = instance / "secret.key"
    return path.read_text(encoding="ascii").strip() if path.is_file() else ""
