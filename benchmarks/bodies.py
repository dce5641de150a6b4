"""The contact that all create benchmarks send: a name, two e-mails and a phone."""

from __future__ import annotations

from typing import Any, Final

COMPANIES: Final = 100
"""How many companies the contacts are spread over, evenly."""

LAST_NAME: Final = "Lovelace"
"""What all of their last names begin with, before their number."""


def body(number: int) -> dict[str, Any]:
    """An `info` that no other number gives."""
    return {
        "name": {"first": "Ada", "last": f"{LAST_NAME} {number}"},
        "emails": {
            "items": [
                {"email": f"ada.lovelace.{number}@example.com", "tag": "MAIN"},
                {"email": f"al{number}@example.org", "tag": "WORK"},
            ]
        },
        "phones": {"items": [{"phone": f"{2125550000 + number * 7}", "countryCode": "US"}]},
        "company": company(number),
    }


def company(number: int) -> str:
    """The company of this contact, which each hundredth contact shares."""
    return f"Analytical Engines {number % COMPANIES}"
