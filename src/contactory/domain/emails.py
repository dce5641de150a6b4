"""E-mail addresses: syntax, and the key under which two are the same (CONTRACT A.5, F)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from email_validator import SPECIAL_USE_DOMAIN_NAMES, validate_email

LONGEST_EMAIL: Final = 320
"""Nobody sends a longer one, in characters (CONTRACT A.5)."""

# What most people have. All that it accepts, the library accepts too (a property test holds it),
# at a twentieth of the cost.
_ORDINARY: Final = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
    r"@(?:[A-Za-z0-9](?:-?[A-Za-z0-9])*\.)+[A-Za-z]{2,63}"
)
_SHORT: Final = 64
_SPECIAL: Final = tuple(
    ending for name in SPECIAL_USE_DOMAIN_NAMES for ending in (f"@{name}", f".{name}")
)


@lru_cache(maxsize=4096)
def email_key(email: str) -> str:
    """The key of a trimmed address.

    Letter case is ignored; the domain is compared in its ASCII form (RFC 5891). Raises ValueError
    when the syntax is wrong (RFC 5321, which ends at 254 characters, and RFC 6531).
    """
    if len(email) <= _SHORT and _ORDINARY.fullmatch(email):
        key = email.lower()
        if not key.endswith(_SPECIAL):
            return key
    return _key_of_any(email)


def _key_of_any(email: str) -> str:
    # EmailNotValidError is a ValueError.
    found = validate_email(
        email, check_deliverability=False, test_environment=True, allow_quoted_local=True
    )
    domain = found.ascii_domain
    if domain is None or "." not in domain:
        raise ValueError("the domain has no dot")
    return f"{found.local_part.casefold()}@{domain.casefold()}"
