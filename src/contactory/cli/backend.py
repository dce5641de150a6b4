"""A site's own Python modules, as processes that serve or work take them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from contactory.http.web import WebModules, load_web_modules
from contactory.ops.event_handlers import Handlers, load_handlers


class Backend(msgspec.Struct, frozen=True):
    """What pages may call, and what is told of events."""

    web: WebModules
    handlers: Handlers


def load_backend(sources: Sequence[str]) -> Backend:
    """Import modules, or all of a folder.

    Raises NotFound for a source that does not exist, and InvalidArgument that names all that is
    wrong with the modules.
    """
    return Backend(load_web_modules(sources), load_handlers(sources))
