"""Reads the options of `serve` that have a form of their own."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path

from contactory.cli.plans import Tls
from contactory.domain.contacts import Source
from contactory.domain.errors import InvalidArgument, NotFound, Violation
from contactory.domain.identities import SITE_APP_ID, IdentityType
from contactory.domain.problems import Problems
from contactory.domain.sources import SOURCE_TYPES
from contactory.ops.settings import SOURCES


def read_sources(sent: Sequence[str]) -> Mapping[IdentityType, Source]:
    """The sources by kind of caller, from texts `TYPE=SOURCE[:APPID]`; the others stay as they are.

    The site's own code, WIX_CODE, goes by the constant app id of the seed unless another is given.

    Raises InvalidArgument with everything that is wrong.
    """
    problems = Problems()
    sources = dict(SOURCES)
    for text in sent:
        path = f"--source {text}"
        kind, has_source, rest = text.partition("=")
        source, _, app_id = rest.partition(":")
        if not has_source:
            problems.add_format(path, "SOURCE", "must be TYPE=SOURCE or TYPE=SOURCE:APPID")
        elif _is_one_of(kind, tuple(IdentityType), path, problems) and _is_one_of(
            source, SOURCE_TYPES, path, problems
        ):
            own = SITE_APP_ID if source == "WIX_CODE" else None
            sources[IdentityType(kind)] = Source(source_type=source, app_id=app_id or own)
    problems.check()
    return sources


def _is_one_of(word: str, words: tuple[str, ...], path: str, problems: Problems) -> bool:
    if word not in words:
        listed = ", ".join(words)
        problems.add(path, "INVALID_ENUM_VALUE", f"has {word or 'nothing'} for one of {listed}")
    return word in words


def read_tls(certificate: Path | None, key: Path | None) -> Tls | None:
    """The certificate and key, once they are known to fit. Raises InvalidArgument, NotFound."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        missing = "--tls-cert" if certificate is None else "--tls-key"
        text = "is missing: https needs the certificate and its key"
        raise InvalidArgument([Violation(missing, text, "REQUIRED_FIELD")])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key, password="")
    except FileNotFoundError as error:
        raise NotFound(f"there is no {certificate} or no {key}") from error
    except (OSError, ValueError) as error:
        text = f"cannot be used with the key {key}, which must not be encrypted: {error}"
        raise InvalidArgument(
            [Violation(f"--tls-cert {certificate}", text, "FORMAT", {"type": "PEM"})]
        ) from error
    return Tls(certificate, key)
