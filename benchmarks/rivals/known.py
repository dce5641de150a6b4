"""The rivals that Contactory is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from benchmarks.rivals.afternoon import AfternoonOnPostgres, AfternoonOnSqlite
from benchmarks.rivals.directus import Directus
from benchmarks.rivals.radicale import Radicale
from benchmarks.rivals.strapi import Strapi
from benchmarks.rivals.tryton import Tryton
from benchmarks.subjects import Subject


def rivals(server: str) -> Mapping[str, Callable[[], Subject]]:
    """All rivals by name; the URL is of a server of PostgreSQL, which some of them use."""
    return {
        "afternoon-sqlite": AfternoonOnSqlite,
        "afternoon-postgres": lambda: AfternoonOnPostgres(server),
        "radicale": Radicale,
        "tryton": lambda: Tryton(server),
        "directus": Directus,
        "strapi": Strapi,
    }
