"""Strategies for `info`: right ones in every dialect, and garbage."""

from __future__ import annotations

import copy
from typing import Any, Final

import phonenumbers
import pycountry
from hypothesis import strategies as st

from contactory.domain.address_reading import ADDRESS_TAGS
from contactory.domain.addresses import country_name
from contactory.domain.contact_reading import EMAIL_TAGS, PHONE_TAGS
from contactory.domain.seed_names import to_seed_names

_REGIONS: Final = sorted(phonenumbers.SUPPORTED_REGIONS)
_COUNTRIES: Final = sorted(country.alpha_2 for country in pycountry.countries)
_SUBDIVISIONS: Final = sorted(
    (found.country_code, found.code)
    for found in pycountry.subdivisions
    if country_name(found.country_code)
)
_STORABLE: Final = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_SLUG: Final = st.text(st.sampled_from("abcXYZ019_-éß日"), min_size=1, max_size=12)
_DOMAINS: Final = st.sampled_from(
    ["example.com", "EXAMPLE.org", "mail.example.co.uk", "müller.de", "xn--mller-kva.de", "例え.jp"]
)


def texts(most: int = 40) -> st.SearchStrategy[str]:
    """Texts of any script that can be kept."""
    return st.text(_STORABLE, max_size=most)


def _maybe(strategies: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    optional = {name: st.none() | strategy for name, strategy in strategies.items()}
    return st.fixed_dictionaries({}, optional=optional)


def _entry(
    required: dict[str, st.SearchStrategy[Any]], tags: tuple[str, ...], **optional: Any
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        required, optional={"tag": st.sampled_from(["", None, *tags])} | optional
    )


_LOCAL: Final = st.text(st.sampled_from("abzABZ019._+-é日!'"), min_size=1, max_size=12).filter(
    lambda text: text.strip(".") == text and ".." not in text
)
EMAILS: Final = st.builds("{}@{}".format, _LOCAL, _DOMAINS)


@st.composite
def phones(draw: st.DrawFn) -> dict[str, Any]:
    """A phone of any country: an example of one, some digits, or any text."""
    region = draw(st.sampled_from(_REGIONS))
    example = phonenumbers.example_number(region)
    digits = st.text(st.sampled_from("0123456789"), min_size=1, max_size=14)
    known = [str(example.national_number)] if example else []
    if example:
        known += [phonenumbers.format_number(example, form) for form in range(3)]
    phone = draw(
        st.sampled_from(known or ["1"])
        | digits
        | digits.map("+{}".format)
        | texts(20).filter(lambda text: text.strip())
    )
    country = draw(st.sampled_from([region, region, region, "US", "GB", "ZZ", None]))
    return {"phone": phone, "countryCode": country}


_PLACES: Final = st.builds(
    lambda text, codes, geocode, street: text | codes | geocode | street,
    _maybe(
        {
            "addressLine": texts(),
            "addressLine2": texts(),
            "city": texts(),
            "postalCode": texts(10),
            "formattedAddress": texts(),
            "hint": texts(),
        }
    ),
    st.one_of(
        st.just({}),
        st.builds(lambda code: {"country": code}, st.sampled_from(_COUNTRIES)),
        st.builds(
            lambda pair: {"country": pair[0], "subdivision": pair[1]},
            st.sampled_from(_SUBDIVISIONS),
        ),
    ),
    _maybe(
        {
            "geocode": st.fixed_dictionaries(
                {
                    "latitude": st.floats(-90, 90) | st.integers(-90, 90),
                    "longitude": st.floats(-180, 180) | st.integers(-180, 180),
                }
            )
        }
    ),
    _maybe({"streetAddress": _maybe({"number": texts(10), "name": texts(), "apt": texts(10)})}),
).map(lambda place: place | {"city": place.get("city") or "NY"})

_PICTURES: Final = st.one_of(
    texts(),
    st.sampled_from(["https://example.com/a.png", "wix:image://v1/a/b.png"]),
    st.builds(
        "wix:image://v1/{}/{}#originWidth={}&originHeight={}".format,
        _SLUG,
        _SLUG,
        st.integers(0, 9999),
        st.integers(0, 9999),
    ),
    _maybe(
        {
            "id": _SLUG,
            "url": texts(),
            "altText": texts(),
            "filename": _SLUG,
            "width": st.integers(0, 9999),
            "height": st.integers(0, 9999),
        }
    ),
)
_VALUES: Final = st.one_of(
    texts(),
    st.integers(-(10**300), 10**300),
    st.floats(-1e300, 1e300),
    st.none(),
    st.dates().map(str),
)


@st.composite
def _wrapped(draw: st.DrawFn, entries: st.SearchStrategy[Any], *, flagged: bool) -> dict[str, Any]:
    items = draw(st.lists(entries, max_size=4))
    for item, entry_id in zip(items, draw(st.lists(st.uuids(), unique=True)), strict=False):
        item["id"] = str(entry_id)
    if items and flagged:
        primary = draw(st.sampled_from([True, False, "true", "false", None]))
        draw(st.sampled_from(items))["primary"] = primary
    return {"items": items}


@st.composite
def rest_infos(draw: st.DrawFn) -> dict[str, Any]:
    """A right `info` in REST names."""
    info = draw(
        _maybe(
            {
                "name": _maybe({"first": texts(), "last": texts()}),
                "emails": _wrapped(_entry({"email": EMAILS}, EMAIL_TAGS), flagged=True),
                "phones": _wrapped(
                    st.builds(
                        lambda phone, tag: phone | tag,
                        phones(),
                        _entry({}, PHONE_TAGS, e164Phone=texts()),
                    ),
                    flagged=True,
                ),
                "addresses": _wrapped(_entry({"address": _PLACES}, ADDRESS_TAGS), flagged=False),
                "company": texts(),
                "jobTitle": texts(),
                "picture": st.fixed_dictionaries({"image": _PICTURES}),
                "birthdate": st.dates().map(str),
                "locale": st.sampled_from(["en", "en-us", "zh-Hant-TW", "x-mine"]),
                "labelKeys": st.fixed_dictionaries(
                    {"items": st.lists(_SLUG.map("custom.{}".format), max_size=5)}
                ),
                "extendedFields": st.fixed_dictionaries(
                    {
                        "items": st.dictionaries(
                            (_SLUG | st.just("id")).map("custom.{}".format), _VALUES, max_size=5
                        )
                    }
                ),
                "locations": st.fixed_dictionaries(
                    {"items": st.lists(st.uuids().map(str), max_size=3)}
                ),
            }
        )
    )
    named = (info.get("name") or {}).values()
    listed = [(info.get(name) or {}).get("items") for name in ("emails", "phones")]
    if not any(listed) and not any(text and text.strip() for text in named):
        info["name"] = {"first": "J"}
    return info


# The same, in the names of the seed and of the SDK.
infos: Final = rest_infos() | rest_infos().map(copy.deepcopy).map(to_seed_names)

_NAMES: Final = st.sampled_from(
    "name first last emails phones addresses items email phone primary tag id _id countryCode "
    "address addressLine addressLine1 streetAddress number city country subdivision geocode "
    "latitude longitude formatted picture image url width birthdate locale labelKeys company "
    "extendedFields custom.a custom.b invoices.vatId locations assignedUserIds".split()
)
_LEAVES: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**400), 0, "true", "NaN", "a@b.c", "US", "US-NY", "HOME"]),
    st.floats(),
    st.text(max_size=20),
    st.text(st.characters(categories=["Cs", "Cc"]), max_size=3),
    st.binary(max_size=3),
    st.dates(),
    st.datetimes(),
    st.decimals(),
)
_KEYS: Final = st.one_of(_NAMES, _NAMES, st.text(max_size=3), st.integers(), st.none())
_ENTRY: Final = st.dictionaries(_NAMES, _LEAVES, max_size=6)
_GARBAGE: Final = st.recursive(
    _LEAVES,
    lambda below: st.one_of(
        st.lists(below, max_size=4),
        st.tuples(below, below),
        st.dictionaries(_KEYS, below, max_size=5),
        st.fixed_dictionaries({"items": st.lists(below | _ENTRY, max_size=4)}),
        st.fixed_dictionaries({"address": below | _ENTRY}),
    ),
    max_leaves=20,
)
garbage: Final = _GARBAGE | st.dictionaries(_NAMES, _GARBAGE, max_size=8)
