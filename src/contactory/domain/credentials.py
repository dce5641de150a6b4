"""Kinds of secrets, how long they live, and how guessing is slowed."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from enum import StrEnum
from typing import Final

from contactory.kit.ids import site_of_secret


class SecretKind(StrEnum):
    """What a secret is for; the value is its prefix, by which people and scanners know it."""

    KEY = "ctk"
    APP = "cts"
    ACCESS = "cta"
    REFRESH = "ctr"
    SESSION = "ctu"
    LINK = "ctl"
    CODE = "ctc"


ACCESS_LIFETIME: Final = timedelta(hours=4)
"""CONTRACT G.4: `expires_in` is 14400."""

REFRESH_LIFETIME: Final = timedelta(days=90)
APP_REFRESH_LIFETIME: Final = timedelta(days=365)
SESSION_LIFETIME: Final = timedelta(hours=12)
LINK_LIFETIME: Final = timedelta(hours=24)
CODE_LIFETIME: Final = timedelta(minutes=10)

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 200
LONGEST_NAME: Final = 200

FREE_GUESSES: Final = 5
"""So many failures of one name from one address cost no wait."""

FREE_GUESSES_OF_NAME: Final = 50
"""So many failures of one name from anywhere cost no wait."""

FIRST_WAIT: Final = timedelta(seconds=15)
LONGEST_WAIT: Final = timedelta(seconds=900)
FAILURES_REMEMBERED: Final = timedelta(hours=24)


def name_key(name: str) -> str:
    """A user's name as it is compared: any letter case, any Unicode form, no blanks around."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def site_of(secret: str, kind: SecretKind) -> str | None:
    """The id of the site that a secret of this kind names; None for anything else."""
    return site_of_secret(secret) if secret.startswith(f"{kind}_") else None
