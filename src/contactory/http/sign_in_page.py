"""The HTML of the sign-in pages: plain forms that work without scripts."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Final

from starlette.responses import HTMLResponse

_STYLE: Final = """
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
main { max-width: 22rem; margin: 12vh auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; }
label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit; }
label { margin-top: 1rem; }
input { padding: .5rem; }
button { margin-top: 1.5rem; padding: .6rem; cursor: pointer; }
[role=alert] { border-left: .25rem solid #c22; padding: .5rem 1rem; }
small { display: block; }
"""
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<main>
<h1>Sign in</h1>
{problem}<form method="post" action="{action}">
{fields}<button>Sign in</button>
</form>
</main>
</body>
</html>
"""
_NAME_FIELDS: Final = """<input type="hidden" name="next" value="{next}">
<label for="name">Name</label>
<input id="name" name="name" value="{name}" autocomplete="username" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
"""
_LINK_FIELDS: Final = """<input type="hidden" name="next" value="{next}">
<input type="hidden" name="token" value="{token}">
<label for="password">New password</label>
<input id="password" name="newPassword" type="password" autocomplete="new-password"
 aria-describedby="rule">
<small id="rule">12 to 200 characters; leave it empty to change nothing.</small>
"""


def password_page(
    next_path: str, *, name: str = "", problem: str = "", status: int = 200
) -> HTMLResponse:
    """The form for name and password."""
    fields = _NAME_FIELDS.format(next=escape(next_path), name=escape(name))
    return _page("/sign-in", fields, problem, status)


def link_page(next_path: str, token: str, *, problem: str = "", status: int = 200) -> HTMLResponse:
    """The form that uses a one-time link up, with a new password or without."""
    fields = _LINK_FIELDS.format(next=escape(next_path), token=escape(token))
    return _page("/sign-in/link", fields, problem, status)


def _page(action: str, fields: str, problem: str, status: int) -> HTMLResponse:
    told = f'<p role="alert">{escape(problem)}</p>\n' if problem else ""
    text = _PAGE.format(style=_STYLE, problem=told, action=action, fields=fields)
    return HTMLResponse(text, status, headers=_HEADERS)
