"""The options of `contactory serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from contactory.cli.logs import LogLevel

_NETWORK: Final = "Network"
_PAGES: Final = "Web methods and pages"
_RULES: Final = "Limits and rules"

HostOption = Annotated[
    str,
    typer.Option(
        help="The address to listen on; 0.0.0.0 for all.",
        envvar="CONTACTORY_HOST",
        rich_help_panel=_NETWORK,
    ),
]
PortOption = Annotated[
    int,
    typer.Option(
        min=0,
        max=65_535,
        help="The port; 0 takes a free one, which is printed.",
        envvar="CONTACTORY_PORT",
        rich_help_panel=_NETWORK,
    ),
]
ProcessesOption = Annotated[
    int,
    typer.Option(
        min=1,
        max=256,
        help="How many processes serve.",
        envvar="CONTACTORY_PROCESSES",
        rich_help_panel=_NETWORK,
    ),
]
WorkerOption = Annotated[
    bool,
    typer.Option(
        "--worker/--no-worker",
        help="Also run bulk jobs and deliver events; without, `contactory worker` does.",
        envvar="CONTACTORY_WORKER",
        rich_help_panel=_RULES,
    ),
]
LabelsQuotaOption = Annotated[
    int,
    typer.Option(
        min=0,
        help="How many labels of its own a site may have.",
        envvar="CONTACTORY_LABELS_QUOTA",
        rich_help_panel=_RULES,
    ),
]
FieldsQuotaOption = Annotated[
    int,
    typer.Option(
        min=0,
        help="How many custom fields a site may have.",
        envvar="CONTACTORY_FIELDS_QUOTA",
        rich_help_panel=_RULES,
    ),
]
WebOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="MODULE_OR_FOLDER",
        help="Python with web methods and handlers of events: a module's dotted name, or a folder "
        "of modules.",
        envvar="CONTACTORY_WEB",
        rich_help_panel=_PAGES,
    ),
]
PagesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="HTML and other files to serve at /.",
        envvar="CONTACTORY_PAGES",
        rich_help_panel=_PAGES,
    ),
]
WebOriginOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ORIGIN",
        help="Pages of this other origin may call web methods; repeat for more.",
        envvar="CONTACTORY_WEB_ORIGIN",
        rich_help_panel=_PAGES,
    ),
]
CorsOriginOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ORIGIN",
        help="Pages of this origin may call the API with a token; all where none is named.",
        envvar="CONTACTORY_CORS_ORIGIN",
        rich_help_panel=_NETWORK,
    ),
]
RateLimitOption = Annotated[
    int,
    typer.Option(
        min=0,
        help="Calls a minute for each caller in each process; 0 for no limit.",
        envvar="CONTACTORY_RATE_LIMIT",
        rich_help_panel=_RULES,
    ),
]
MaxBodyOption = Annotated[
    int,
    typer.Option(
        min=1024,
        metavar="BYTES",
        help="The largest request body.",
        envvar="CONTACTORY_MAX_BODY",
        rich_help_panel=_RULES,
    ),
]
MaxStreamsOption = Annotated[
    int,
    typer.Option(
        min=0,
        metavar="N",
        help="Streams of events that each process keeps open.",
        envvar="CONTACTORY_MAX_STREAMS",
        rich_help_panel=_RULES,
    ),
]
StrictKeysOption = Annotated[
    bool,
    typer.Option(
        help="Refuse unknown custom label and field keys instead of making them.",
        envvar="CONTACTORY_STRICT_KEYS",
        rich_help_panel=_RULES,
    ),
]
SourceOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TYPE=SOURCE[:APPID]",
        help="Contacts made by visitor, member, user, app or api_key say they came from here.",
        envvar="CONTACTORY_SOURCE",
        rich_help_panel=_RULES,
    ),
]
TlsCertOption = Annotated[
    Path | None,
    typer.Option(
        help="A certificate with its chain in PEM, to serve https.",
        envvar="CONTACTORY_TLS_CERT",
        rich_help_panel=_NETWORK,
    ),
]
TlsKeyOption = Annotated[
    Path | None,
    typer.Option(
        help="The certificate's key in PEM.",
        envvar="CONTACTORY_TLS_KEY",
        rich_help_panel=_NETWORK,
    ),
]
ForwardedAllowIpsOption = Annotated[
    str,
    typer.Option(
        metavar="IPS",
        help="Proxies whose X-Forwarded headers are believed: addresses with commas, or *.",
        envvar="CONTACTORY_FORWARDED_ALLOW_IPS",
        rich_help_panel=_NETWORK,
    ),
]
MetricsOption = Annotated[
    bool,
    typer.Option(help="Serve /metrics.", envvar="CONTACTORY_METRICS", rich_help_panel=_RULES),
]
LogLevelOption = Annotated[
    LogLevel,
    typer.Option(
        help="How much is logged to standard error.",
        envvar="CONTACTORY_LOG_LEVEL",
        rich_help_panel=_RULES,
    ),
]
