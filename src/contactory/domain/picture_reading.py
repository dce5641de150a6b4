"""Reads the picture of an `info`, as an object or in the SDK's one string (CONTRACT 1.6, A.7)."""

from __future__ import annotations

import re
from typing import Any, Final

from contactory.domain.contacts import Image, Picture
from contactory.domain.problems import Problems, sent_name

PROVIDERS: Final = ("UNKNOWN", "EXTERNAL", "WIX_MEDIA")
_PICTURE_NAMES: Final = frozenset({"image", "imageProvider"})
_IMAGE_NAMES: Final = frozenset("id _id url height width altText filename".split())
_LONGEST_URL: Final = 2000
_MOST_PIXELS: Final = 2**31 - 1
_IMAGE: Final = re.compile(
    r"wix:image://v1/([^/#]+)(?:/([^#]*))?(?:#originWidth=([0-9]{1,9})&originHeight=([0-9]{1,9}).*)?"
)


def read_picture(sent: Any, path: str, problems: Problems) -> Picture | None:
    """The picture; a mere string is its image. Stored media are WIX_MEDIA, others EXTERNAL."""
    if isinstance(sent, str):
        return _picture(_image_from_text(sent, path, problems), None)
    item = problems.part(sent, path, _PICTURE_NAMES)
    if item is None:
        return None
    word = item.get("imageProvider")
    provider = problems.word(word, f"{path}.imageProvider", PROVIDERS)
    image = _read_image(item.get("image"), f"{path}.image", problems)
    return _picture(image, provider if word else None)


def _picture(image: Image, provider: str | None) -> Picture | None:
    if image == Image():
        return None
    return Picture(
        image=image, image_provider=provider or ("WIX_MEDIA" if image.id else "EXTERNAL")
    )


def _read_image(sent: Any, path: str, problems: Problems) -> Image:
    if isinstance(sent, str):
        return _image_from_text(sent, path, problems)
    item = problems.mapping(sent, path, _IMAGE_NAMES)
    id_name = sent_name(item, "id", "_id")

    def pixels(name: str) -> int | None:
        return problems.whole(item.get(name), f"{path}.{name}", 0, _MOST_PIXELS)

    return Image(
        id=problems.text(item.get(id_name), f"{path}.{id_name}", 1000),
        url=problems.text(item.get("url"), f"{path}.url", _LONGEST_URL),
        height=pixels("height"),
        width=pixels("width"),
        alt_text=problems.text(item.get("altText"), f"{path}.altText", 1000),
        filename=problems.text(item.get("filename"), f"{path}.filename", 1000),
    )


def _image_from_text(sent: str, path: str, problems: Problems) -> Image:
    text = problems.text(sent, path, _LONGEST_URL)
    found = None if text is None else _IMAGE.fullmatch(text)
    if found is None:
        return Image(url=text)
    medium, name, width, height = found.groups()
    filename = problems.text(name, path, 1000)
    return Image(
        id=problems.text(medium, path, 1000),
        url=text,
        height=int(height) if height else None,
        width=int(width) if width else None,
        alt_text=filename,
        filename=filename,
    )
