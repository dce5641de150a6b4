"""The first run of a server, its later ones, its options, and what keeps it from starting."""

from __future__ import annotations

import datetime
import ipaddress
import json
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
from pathlib import Path

import apsw
import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from contactory.domain.identities import DEFAULT_SITE_ID
from tests.e2e.cli.running import STOPS_WITHIN_S, document, greeting, refused, running
from tests.e2e.conftest import StartServer
from tests.servers import Server, told

CONTACTS = "/contacts/v4/contacts"
JOHN = {"name": {"first": "John"}, "emails": {"items": [{"email": "john@example.com"}]}}


def printed_call(text: str) -> str:
    return next(line.strip() for line in text.splitlines() if line.strip().startswith("curl "))


def pasted(call: str) -> int:
    """Do what the line says, in a shell where curl is there; the status of the answer."""
    if shutil.which("curl"):
        shell = f"{call} --silent --output /dev/null --write-out '%{{http_code}}'"
        done = subprocess.run(shell, shell=True, capture_output=True, text=True, check=True)
        return int(done.stdout)
    _, url, *options = shlex.split(call)
    headers = dict(options[at + 1].split(": ", 1) for at, o in enumerate(options) if o == "-H")
    body = options[options.index("-d") + 1]
    return httpx2.post(url, headers=headers, content=body).status_code


def test_the_first_run_shows_a_key_and_a_call_that_works_when_pasted(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        text = greeting(process)

        assert len(set(re.findall(r"ctk_[\w-]+", text))) == 1
        assert re.search(r"http://127\.0\.0\.1:\d+/docs", text)
        assert pasted(printed_call(text)) == 200

    assert (tmp_path / "contactory.db").exists()
    assert len(told(tmp_path / "contactory.db", "keys", "list")) == 1


def test_later_runs_show_no_key(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        greeting(process)
    with running(tmp_path) as process:
        text = greeting(process)

    assert "ctk_" not in text
    assert "curl" not in text
    assert len(told(tmp_path / "contactory.db", "keys", "list")) == 1


def test_a_store_made_before_gets_no_key(tmp_path: Path) -> None:
    told(tmp_path / "contactory.db", "sites", "create", "mine")

    with running(tmp_path, "--json") as process:
        assert document(process).keys() == {"url", "docs", "store"}


def test_the_first_run_tells_programs_the_same(tmp_path: Path) -> None:
    with running(tmp_path, "--json") as process:
        made = document(process)
        answer = httpx2.post(
            made["url"] + CONTACTS, json={"info": JOHN}, headers={"authorization": made["key"]}
        )

    assert made["siteId"] == DEFAULT_SITE_ID
    assert answer.status_code == 200
    assert answer.json()["contact"]["source"] == {"sourceType": "ADMIN"}


def test_secrets_stand_in_no_log(tmp_path: Path) -> None:
    with running(tmp_path, "--json", "--log-level", "debug") as process:
        made = document(process)
        for body in ({"info": JOHN}, {"info": JOHN}, {"info": {"emails": 1}}):
            httpx2.post(made["url"] + CONTACTS, json=body, headers={"authorization": made["key"]})
        httpx2.get(made["url"] + "/nowhere?email=john@example.com")

    text = (tmp_path / "errors.log").read_text()
    entries = [json.loads(line) for line in text.splitlines()]
    requests = [entry for entry in entries if entry["event"] == "request"]
    assert [entry["status"] for entry in requests] == [200, 409, 400, 404]
    assert all({"request_id", "level", "timestamp", "ms"} <= entry.keys() for entry in requests)
    assert made["key"] not in text
    assert "john" not in text.lower()


def test_a_warning_level_logs_no_requests(tmp_path: Path) -> None:
    with running(tmp_path, "--json", "--log-level", "warning") as process:
        httpx2.get(document(process)["url"] + "/healthz")

    assert (tmp_path / "errors.log").read_text() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_well(tmp_path: Path, number: int) -> None:
    with running(tmp_path, "--json") as process:
        url = document(process)["url"]
        assert httpx2.get(f"{url}/readyz").status_code == 200
        process.send_signal(number)

        assert process.wait(STOPS_WITHIN_S) == 0

    assert "Traceback" not in (tmp_path / "errors.log").read_text()
    assert not (tmp_path / "contactory.db-wal").exists()


def test_options_reach_the_server(start_server: StartServer) -> None:
    server = start_server(
        rate_limit=3,
        max_body=2000,
        strict_keys=True,
        source=["api_key=IMPORT", "app=WIX_APP:mine"],
        metrics=False,
        cors_origin="https://shop.example.com",
    )

    with server.client() as client:
        made = client.post(CONTACTS, json={"info": JOHN}, headers={"origin": "https://other"})
        large = client.post(CONTACTS, json={"info": {"company": "x" * 2000}})
        labelled = {"name": {"first": "A"}, "labelKeys": {"items": ["custom.new"]}}
        strict = client.post(CONTACTS, json={"info": labelled})
        limited = client.post(CONTACTS, json={"info": labelled})
        own = client.get("/healthz", headers={"origin": "https://shop.example.com"})

        assert made.json()["contact"]["source"] == {"sourceType": "IMPORT"}
        assert "access-control-allow-origin" not in made.headers
        assert own.headers["access-control-allow-origin"] == "https://shop.example.com"
        assert large.status_code == 413
        assert strict.json()["details"]["applicationError"]["code"] == "LABEL_NOT_FOUND"
        assert limited.status_code == 429
        assert client.get("/metrics").status_code == 404


def test_quotas_reach_the_server(start_server: StartServer) -> None:
    server = start_server(labels_quota=1, fields_quota=0)

    with server.client() as client:
        answers = [
            client.post("/contacts/v4/labels", json={"displayName": name}) for name in ("A", "B")
        ]
        field = {"displayName": "A", "dataType": "TEXT"}
        answers.append(client.post("/contacts/v4/extended-fields", json=field))

    assert [answer.status_code for answer in answers] == [200, 428, 429]


def test_metrics_are_served_unless_they_are_off(server: Server) -> None:
    with server.client() as client:
        assert "contactory_requests_total" in client.get("/metrics").text


def test_a_server_serves_the_pages_and_web_methods_of_its_site(
    tmp_path: Path, start_server: StartServer
) -> None:
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend/greetings.py").write_text(
        "from contactory import Permissions, web_method\n\n"
        "@web_method(Permissions.ANYONE)\n"
        "def greet(name: str) -> str:\n"
        '    return f"Hello {name}"\n'
    )
    (tmp_path / "public").mkdir()
    (tmp_path / "public/index.html").write_text("<h1>Shop</h1>")
    site = told(tmp_path / "contacts.db", "sites", "create", "Second")["siteId"]

    server = start_server(web="backend", pages="public", site=site)

    greeted = httpx2.post(f"{server.url}/web/greetings/greet", json={"arguments": ["Ada"]})
    assert greeted.json() == {"result": "Hello Ada"}
    assert httpx2.get(f"{server.url}/").text == "<h1>Shop</h1>"


def test_https_is_served_with_a_certificate(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)

    with running(
        tmp_path, "--json", "--tls-cert", str(certificate), "--tls-key", str(key)
    ) as process:
        url = document(process)["url"]
        context = ssl.create_default_context(cafile=certificate)
        assert url.startswith("https://127.0.0.1:")
        assert httpx2.get(f"{url}/readyz", verify=context).status_code == 200


def self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(alternative, critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


def told_error(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that says why; nothing else was said."""
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    return line


def test_a_port_in_use_is_told_and_no_store_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = refused(tmp_path, "--port", str(taken.getsockname()[1]))

    assert done.returncode == 8
    assert "in use" in told_error(done)
    assert list(tmp_path.iterdir()) == []


def test_a_host_that_is_none_is_told(tmp_path: Path) -> None:
    done = refused(tmp_path, "--host", "no.such.host.invalid")

    assert done.returncode == 8
    assert "no.such.host.invalid" in told_error(done)


def test_a_damaged_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "contactory.db").write_bytes(b"anything but a database" * 100)

    done = refused(tmp_path)

    assert done.returncode == 9
    assert "is not a contactory store" in told_error(done)


def test_a_newer_store_is_told(tmp_path: Path) -> None:
    store = tmp_path / "contactory.db"
    told(store, "sites", "create", "any")
    connection = apsw.Connection(str(store))
    connection.pragma("user_version", 999)
    connection.close()

    done = refused(tmp_path)

    assert done.returncode == 9
    assert "newer version" in told_error(done)


def test_a_store_from_before_the_release_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    store = tmp_path / "contactory.db"
    connection = apsw.Connection(str(store))
    connection.execute("CREATE TABLE sites (site_id uuid NOT NULL PRIMARY KEY)")
    connection.pragma("user_version", 1)
    connection.close()

    done = refused(tmp_path)

    assert done.returncode == 9
    assert "a version in development" in told_error(done)
    tables = apsw.Connection(str(store)).execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table'"
    )
    assert tables.fetchall() == [("sites",)]


@pytest.mark.slow
def test_a_locked_store_is_told(tmp_path: Path) -> None:
    store = tmp_path / "contactory.db"
    told(store, "sites", "create", "any")
    connection = apsw.Connection(str(store))
    connection.execute("BEGIN EXCLUSIVE")
    try:
        done = refused(tmp_path)
    finally:
        connection.close()

    assert done.returncode == 8
    assert "cannot open contactory.db" in told_error(done)


def test_a_site_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path, "--site", "00000000-0000-4000-8000-000000000000").returncode == 4


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--web", "nowhere"], 4, "nowhere"),
        (["--pages", "nowhere"], 4, "nowhere"),
        (["--source", "robot=ADMIN"], 2, "visitor, member, user, app, api_key"),
        (["--source", "app=ADMN"], 2, "WIX_CODE"),
        (["--source", "app"], 2, "TYPE=SOURCE"),
        (["--tls-cert", "c.pem"], 2, "--tls-key"),
        (["--tls-cert", "c.pem", "--tls-key", "k.pem"], 4, "c.pem"),
        (["--config", "nowhere.toml"], 4, "nowhere.toml"),
        (["--store", "mysql://x"], 4, "sqlite:///FILE"),
    ],
)
def test_what_cannot_be_served_is_told_before_a_store_is_made(
    tmp_path: Path, options: list[str], code: int, words: str
) -> None:
    done = refused(tmp_path, *options)

    assert done.returncode == code
    assert words in told_error(done)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", [["--port", "70000"], ["--processes", "0"], ["--port", "x"]])
def test_numbers_out_of_range_are_refused(tmp_path: Path, option: list[str]) -> None:
    done = refused(tmp_path, *option)

    assert done.returncode == 2
    assert option[0] in done.stderr


def test_a_certificate_that_is_none_is_told(tmp_path: Path) -> None:
    for name in ("c.pem", "k.pem"):
        (tmp_path / name).write_text("no certificate")

    done = refused(tmp_path, "--tls-cert", "c.pem", "--tls-key", "k.pem")

    assert done.returncode == 2
    assert "c.pem" in told_error(done)
