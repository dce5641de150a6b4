"""What each command about identities does, for people and, with `--json`, for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import anyio
import jwt
import pytest

import contactory
from contactory.domain.identities import DEFAULT_SITE_ID
from contactory.ops.authentication import authenticate
from tests.servers import COMMAND, environment, run_command, store_url, told

NOBODY = "00000000-0000-4000-8000-000000000000"
PASSWORD = "correct horse battery"

DELETIONS = ["keys revoke", "apps delete", "clients delete", "users delete", "members revoke"]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "contacts.db"


def said(store: Path, *arguments: str, given: str = "") -> str:
    """What a command says to people on standard output."""
    done = run_command(store, *arguments, given=given)
    assert done.returncode == 0, done.stderr
    return done.stdout


def in_store(store: Path, work: Callable[[contactory.connecting.Crm], Any]) -> Any:
    async def run() -> Any:
        async with contactory.connect(store_url(store)) as crm:
            return await work(crm)

    return anyio.run(run)


def test_a_site_is_made_and_listed(store: Path) -> None:
    made = told(store, "sites", "create", "Second shop")
    text = said(store, "sites", "list")

    assert made.keys() == {"siteId", "name"}
    assert made["name"] == "Second shop"
    listed = told(store, "sites", "list")
    assert [site["siteId"] for site in listed] == [DEFAULT_SITE_ID, made["siteId"]]
    assert made["siteId"] in text
    assert "Second shop" in said(store, "sites", "create", "Second shop")


def test_a_key_is_shown_once_and_acts_within_its_permissions(store: Path) -> None:
    made = told(store, "keys", "create", "--name", "reader", "--permission", "READ_CONTACTS")

    assert made.keys() == {"id", "key", "siteId"}
    caller = in_store(store, lambda crm: authenticate(crm.store, made["key"]))
    assert caller.site_id == made["siteId"] == DEFAULT_SITE_ID
    assert caller.identity.permissions == {"CONTACTS.VIEW"}
    (listed,) = told(store, "keys", "list")
    assert listed["name"] == "reader"
    assert made["key"] not in json.dumps(listed) + said(store, "keys", "list")


def test_a_key_for_people_comes_with_a_word_of_care(store: Path) -> None:
    done = run_command(store, "keys", "create")

    assert "ctk_" in done.stdout
    assert "shown this once" in done.stderr


def test_a_key_is_made_at_the_site_named(store: Path) -> None:
    site = told(store, "sites", "create", "Second shop")["siteId"]

    assert told(store, "keys", "create", "--site", site)["siteId"] == site
    assert told(store, "keys", "list") == []
    assert len(told(store, "keys", "list", "--site", site)) == 1


def test_a_site_that_does_not_exist_is_refused(store: Path) -> None:
    done = run_command(store, "keys", "create", "--site", NOBODY)

    assert done.returncode == 4
    assert done.stderr == f"error: There is no site {NOBODY}: see the list of sites\n"
    assert done.stdout == ""


def test_an_unknown_permission_is_refused_with_all_that_there_are(store: Path) -> None:
    done = run_command(store, "keys", "create", "--permission", "FLY", "--json")

    assert done.returncode == 2
    assert done.stdout == ""
    error = json.loads(done.stderr)["error"]
    assert error["code"] == "INVALID_ARGUMENT"
    assert error["violations"][0]["field"] == "permissions[0]"
    assert "MANAGE_CONTACTS" in error["message"]


def test_a_revoked_key_acts_no_more(store: Path) -> None:
    made = told(store, "keys", "create")

    assert told(store, "keys", "revoke", made["id"]) == {"id": made["id"], "revoked": True}

    with pytest.raises(contactory.errors.Unauthenticated):
        in_store(store, lambda crm: authenticate(crm.store, made["key"]))
    assert told(store, "keys", "list")[0]["revokedDate"]


def test_an_app_is_made_given_a_code_and_deleted(store: Path) -> None:
    made = told(store, "apps", "create", "Booking", "--permission", "MANAGE_CONTACTS")

    assert made.keys() == {"appId", "appSecret", "instanceId", "siteId"}
    code = told(store, "apps", "code", made["appId"])
    assert code["code"].startswith("ctc_")
    assert made["appId"] in said(store, "apps", "list")
    assert told(store, "apps", "list")[0]["name"] == "Booking"
    assert told(store, "apps", "delete", made["appId"]) == {"appId": made["appId"], "deleted": True}
    assert told(store, "apps", "list") == []


def test_a_client_is_made_and_deleted(store: Path) -> None:
    made = told(store, "clients", "create", "website")

    assert made.keys() == {"clientId", "siteId"}
    assert told(store, "clients", "list")[0]["clientId"] == made["clientId"]
    assert made["clientId"] in said(store, "clients", "list")
    told(store, "clients", "delete", made["clientId"])
    assert told(store, "clients", "list") == []


def test_a_user_with_a_password_from_standard_input_can_sign_in(store: Path) -> None:
    done = run_command(store, "users", "create", "ada", "--json", given=f"{PASSWORD}\nmore\n")

    made = json.loads(done.stdout)
    assert made.keys() == {"userId", "siteId"}
    assert in_store(store, lambda crm: crm.sessions.sign_in("ada", PASSWORD, "-")).session
    assert PASSWORD not in done.stdout + done.stderr


def test_an_owner_may_do_all_and_a_collaborator_what_is_named(store: Path) -> None:
    told(store, "users", "create", "owner", "--role", "owner", "--link")
    told(store, "users", "create", "helper", "--permission", "READ_CONTACTS", "--link")

    owner, helper = told(store, "users", "list")
    assert owner["role"] == "owner"
    assert "CONTACTS.MODIFY" in owner["permissions"]
    assert helper["role"] == "collaborator"
    assert helper["permissions"] == ["CONTACTS.VIEW"]


@pytest.mark.parametrize("arguments", [["--link"], []], ids=["asked for", "no standard input"])
def test_a_user_without_password_gets_a_link_that_works_once(
    store: Path, arguments: list[str]
) -> None:
    made = told(store, "users", "create", "ada", *arguments, "--url", "https://shop.example.com/")

    link = urlsplit(made["link"])
    assert (link.scheme, link.netloc, link.path) == ("https", "shop.example.com", "/sign-in/link")
    (token,) = parse_qs(link.query)["token"]
    assert in_store(store, lambda crm: crm.sessions.sign_in_with_link(token)).session
    with pytest.raises(contactory.errors.Unauthenticated):
        in_store(store, lambda crm: crm.sessions.sign_in_with_link(token))


def test_a_link_is_made_for_a_user_who_is_there(store: Path) -> None:
    user = told(store, "users", "create", "ada", "--link")["userId"]

    made = told(store, "users", "link", user)

    assert made.keys() == {"userId", "link", "expiresDate"}
    assert made["link"].startswith("http://127.0.0.1:8000/sign-in/link?token=ctl_")
    assert "/sign-in/link?token=ctl_" in said(store, "users", "link", user)


def test_a_password_is_changed(store: Path) -> None:
    user = told(store, "users", "create", "ada", "--link")["userId"]

    done = run_command(store, "users", "password", user, given=f"{PASSWORD}\n")

    assert done.returncode == 0, done.stderr
    assert in_store(store, lambda crm: crm.sessions.sign_in("ada", PASSWORD, "-")).session
    assert run_command(store, "users", "password", user).returncode == 2


def test_a_short_password_makes_no_user(store: Path) -> None:
    told(store, "users", "create", "first", "--link")

    done = run_command(store, "users", "create", "ada", given="short\n")

    assert done.returncode == 2
    assert done.stderr.startswith("error: password ")
    assert [user["name"] for user in told(store, "users", "list")] == ["first"]


def test_a_taken_user_name_is_refused(store: Path) -> None:
    told(store, "users", "create", "ada", "--link")

    assert run_command(store, "users", "create", "ADA", "--link").returncode == 5


def test_on_a_terminal_the_password_is_asked_for_twice(store: Path) -> None:
    assert typed_at_terminal(store, [PASSWORD, PASSWORD]) == 0
    assert in_store(store, lambda crm: crm.sessions.sign_in("ada", PASSWORD, "-")).session


def typed_at_terminal(store: Path, answers: list[str]) -> int:
    """Run `users create ada` on a terminal of its own and type each answer when asked."""
    code = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    command = [str(COMMAND), "users", "create", "ada", "--store", store_url(store)]
    with subprocess.Popen(
        [sys.executable, "-c", code, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
        cwd=store.parent,
    ) as process:
        assert process.stdin
        assert process.stdout
        shown = ""
        for answer in answers:
            # The blank comes last, once the terminal is ready for a hidden answer.
            while not shown.endswith(": "):
                shown += os.read(process.stdout.fileno(), 1000).decode()
            shown = ""
            process.stdin.write(f"{answer}\n".encode())
            process.stdin.flush()
        rest = process.stdout.read().decode()
        assert answers[-1] not in rest
        return process.wait(30)


def test_a_deleted_user_signs_in_no_more(store: Path) -> None:
    user = json.loads(
        run_command(store, "users", "create", "ada", "--json", given=f"{PASSWORD}\n").stdout
    )["userId"]

    assert user in run_command(store, "users", "delete", user).stderr

    assert told(store, "users", "list") == []
    with pytest.raises(contactory.errors.Unauthenticated):
        in_store(store, lambda crm: crm.sessions.sign_in("ada", PASSWORD, "-"))


def test_a_member_key_vouches_until_it_is_revoked(store: Path) -> None:
    made = told(store, "members", "create-key")

    assert made.keys() == {"id", "privateKey", "siteId"}
    assert "BEGIN PRIVATE KEY" in said(store, "members", "create-key")
    assert in_store(store, lambda crm: crm.sessions.sign_in_member(voucher(made, "a"))).session
    told(store, "members", "revoke", made["id"])
    with pytest.raises(contactory.errors.Unauthenticated):
        in_store(store, lambda crm: crm.sessions.sign_in_member(voucher(made, "b")))


def voucher(key: dict[str, str], jti: str) -> str:
    now = int(time.time())
    claims = {"aud": key["siteId"], "sub": "m-1", "iat": now, "exp": now + 60, "jti": jti}
    return jwt.encode(claims, key["privateKey"], "EdDSA", headers={"kid": key["id"]})


def test_a_public_key_is_trusted_from_a_file_and_from_standard_input(store: Path) -> None:
    told(store, "members", "create-key")
    (key,) = told(store, "members", "list")
    file = store.with_name("public.pem")
    file.write_text(key["publicKey"])

    made = told(store, "members", "trust", str(file))
    piped = run_command(store, "members", "trust", "-", "--json", given=key["publicKey"])

    assert made.keys() == {"id", "siteId"}
    assert UUID(made["id"])
    assert piped.returncode == 0, piped.stderr
    assert len(told(store, "members", "list")) == 3
    assert made["id"] in said(store, "members", "list")


@pytest.mark.parametrize("content", [b"no key", b"\xff\xfe"])
def test_what_is_no_key_is_not_trusted(store: Path, content: bytes) -> None:
    file = store.with_name("public.pem")
    file.write_bytes(content)

    done = run_command(store, "members", "trust", str(file))

    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", DELETIONS)
def test_what_is_not_there_cannot_be_deleted(store: Path, words: str) -> None:
    told(store, "sites", "create", "any")

    done = run_command(store, *words.split(), NOBODY, "--json")

    assert done.returncode == 4
    assert json.loads(done.stderr)["error"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("words", ["keys list", "sites list", f"contacts get {NOBODY}", "check"])
def test_commands_that_make_nothing_make_no_store_either(store: Path, words: str) -> None:
    done = run_command(store, *words.split())

    assert done.returncode == 4
    assert "there is no store" in done.stderr
    assert not store.exists()


def test_commands_for_a_store_say_that_a_server_is_none(store: Path) -> None:
    done = subprocess.run(
        [str(COMMAND), "keys", "list", "--store", "http://127.0.0.1:9"],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=store.parent,
        check=False,
    )

    assert done.returncode == 4
    assert "--store sqlite:///FILE" in done.stderr


def test_a_misspelt_option_is_told_as_json_where_that_is_asked_for(store: Path) -> None:
    done = run_command(store, "keys", "create", "--nmae", "x", "--json")

    assert done.returncode == 2
    assert json.loads(done.stderr)["error"]["code"] == "USAGE"
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "is not a contactory store"), (b"SQLite format 3\0", "")]
)
def test_a_file_that_is_no_store_is_refused_without_a_trace(
    store: Path, content: bytes, words: str
) -> None:
    store.write_bytes(content + b"something else entirely " * 400)

    done = run_command(store, "keys", "list")

    assert done.returncode == 9
    assert words in done.stderr
    assert "Traceback" not in done.stderr
