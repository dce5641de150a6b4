"""`contactory users`: the owner and collaborators of a site."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import typer

from contactory.cli.declaring import PermissionOption, command, new_group
from contactory.cli.terminal import Terminal
from contactory.domain.access import SignInLink, User
from contactory.domain.permissions import Role
from contactory.ops.crm import Crm

app = new_group("Users: the owner and collaborators of a site, who sign in to it.")

_UserId = Annotated[str, typer.Argument(metavar="ID", help="The user's id.")]
_UrlOption = Annotated[
    str, typer.Option(metavar="URL", help="Where the server is, for the sign-in link.")
]
_SERVER: Final = "http://127.0.0.1:8000"


@command(app, "create", "contactory users create ada --permission MANAGE_CONTACTS")
def create(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    role: Annotated[Role, typer.Option(help="An owner may do all at the site.")] = (
        Role.COLLABORATOR
    ),
    permission: PermissionOption = None,
    link: Annotated[
        bool, typer.Option("--link", help="Print a one-time sign-in link, ask for no password.")
    ] = False,
    url: _UrlOption = _SERVER,
) -> None:
    """Make a user, who signs in with a password or first with a link.

    The password is asked for on a terminal, else read from standard input, one line. Where that is
    empty, a one-time sign-in link is printed.
    """
    password = None if link else _given_password()

    async def work(crm: Crm) -> tuple[User, SignInLink | None]:
        user = await crm.users.create_user(name, role, permission or (), password)
        if password is not None:
            return user, None
        return user, await crm.users.create_sign_in_link(user.user_id)

    user, sign_in = terminal.run(work, makes_store=True)
    made = {"userId": user.user_id, "siteId": user.site_id}
    terminal.show(made | (_shown(sign_in, url) if sign_in else {}))
    if sign_in:
        terminal.note("Open the link within a day: it works once.")


@command(app, "list", "contactory users list")
def list_all(terminal: Terminal) -> None:
    """List all users."""
    found = terminal.run(lambda crm: crm.users.list_users())
    terminal.show_all(found, ("userId", "name", "role", "permissions"), "no users")


@command(app, "password", "contactory users password 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60")
def password(terminal: Terminal, user_id: _UserId) -> None:
    """Set a user's password, asked for or read from standard input; sessions end."""
    chosen = _given_password()
    if chosen is None:
        raise typer.BadParameter("standard input has no password", param_hint="standard input")
    terminal.run(lambda crm: crm.users.set_password(user_id, chosen))
    terminal.show_done({"userId": user_id, "passwordSet": True}, f"password set for {user_id}")


@command(app, "link", "contactory users link 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60")
def link(terminal: Terminal, user_id: _UserId, url: _UrlOption = _SERVER) -> None:
    """Print a one-time link with which a user signs in without password."""
    made = terminal.run(lambda crm: crm.users.create_sign_in_link(user_id))
    terminal.show({"userId": user_id, **_shown(made, url)})
    terminal.note("Open the link within a day: it works once.")


@command(app, "delete", "contactory users delete 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60")
def delete(terminal: Terminal, user_id: _UserId) -> None:
    """Delete a user; sessions and links end at once."""
    terminal.run(lambda crm: crm.users.delete_user(user_id))
    terminal.show_done({"userId": user_id, "deleted": True}, f"deleted {user_id}")


def _given_password() -> str | None:
    """The password typed twice, or the first line of standard input; None when that is empty."""
    if sys.stdin.isatty():
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n") or None


def _shown(link: SignInLink, url: str) -> dict[str, Any]:
    query = urlencode({"token": link.token})
    return {
        "link": f"{url.rstrip('/')}/sign-in/link?{query}",
        "expiresDate": str(link.expires_date),
    }
