"""`contactory members`: keys with which a site's own program vouches for its members."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contactory.cli.declaring import command, new_group
from contactory.cli.inputs import read_input
from contactory.cli.terminal import Terminal
from contactory.domain.errors import MalformedRequest

app = new_group("Keys with which a site's own program vouches for its members.")


@command(app, "trust", "contactory members trust public-key.pem")
def trust(
    terminal: Terminal,
    file: Annotated[Path, typer.Argument(help="A public key in PEM; - reads standard input.")],
) -> None:
    """Trust a public key: RSA of 2048 bits or more, EC P-256, or Ed25519."""
    try:
        pem = read_input(file).decode()
    except UnicodeDecodeError as error:
        raise MalformedRequest(f"{file} is no PEM: it is not even text") from error
    terminal.show(terminal.run(lambda crm: crm.members.trust_key(pem), makes_store=True))


@command(app, "create-key", "contactory members create-key --json")
def create_key(terminal: Terminal) -> None:
    """Make an Ed25519 key pair and trust it; the private half is shown this once."""
    made = terminal.run(lambda crm: crm.members.create_member_key(), makes_store=True)
    terminal.show(made, fields={"id": made.id, "site": made.site_id})
    if not terminal.as_json:
        print(made.private_key, end="")
    terminal.note("Keep the private key: it is shown this once.")


@command(app, "list", "contactory members list")
def list_all(terminal: Terminal) -> None:
    """List all trusted keys, revoked ones too."""
    found = terminal.run(lambda crm: crm.members.list_member_keys())
    terminal.show_all(found, ("id", "createdDate", "revokedDate"), "no keys")


@command(app, "revoke", "contactory members revoke 0199d2ab-7c1e-7d3c-9f00-1b2c3d4e5f60")
def revoke(
    terminal: Terminal, key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id.")]
) -> None:
    """Trust a key no more. Sessions that it opened go on until they expire."""
    terminal.run(lambda crm: crm.members.revoke_member_key(key_id))
    terminal.show_done({"id": key_id, "revoked": True}, f"revoked {key_id}")
