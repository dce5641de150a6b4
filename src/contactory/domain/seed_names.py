"""The names of the seed and of the SDK (`_id`, `addressLine1`, …) beside those of REST.

CONTRACT 1.6 and WIRE 3 describe the renaming; like the SDK, renamed keys come last.
"""

from __future__ import annotations

from typing import Any, Final

_TO_SEED: Final = {"id": "_id", "createdDate": "_createdDate", "updatedDate": "_updatedDate"}
_TO_REST: Final = {new: old for old, new in _TO_SEED.items()}
_ADDRESS_TO_SEED: Final = {
    "addressLine": "addressLine1",
    "formattedAddress": "formatted",
    "geocode": "location",
}


def to_seed_names(value: Any) -> Any:
    """A contact, or any answer that holds contacts, with REST names turned into the seed's."""
    if isinstance(value, list | tuple):
        return [to_seed_names(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept: dict[str, Any] = {}
    renamed: dict[str, Any] = {}
    for key, item in value.items():
        name = seed_key(key)
        (kept if name == key else renamed)[name] = to_seed_names(item)
    if isinstance(kept.get("address"), dict):
        kept["address"] = _renamed(kept["address"], _ADDRESS_TO_SEED)
    # The image itself: its own names have changed already.
    image = value["picture"].get("image") if isinstance(value.get("picture"), dict) else None
    if isinstance(image, dict):
        kept["picture"] |= {"image": image_text(image)}
    return kept | renamed


def image_text(image: dict[str, Any]) -> str:
    """An image object as the one string that the seed's dialect shows."""
    if not image.get("id"):
        return str(image.get("url", ""))
    name = f"/{image['filename']}" if image.get("filename") else ""
    size = ""
    if "width" in image or "height" in image:
        size = f"#originWidth={image.get('width', 0)}&originHeight={image.get('height', 0)}"
    return f"wix:image://v1/{image['id']}{name}{size}"


def rest_key(dotted: str) -> str:
    """A dotted name with each segment in REST spelling: `custom._id` is `custom.id`."""
    if "_" not in dotted:
        return dotted
    return ".".join(_TO_REST.get(part, part) for part in dotted.split("."))


def seed_key(dotted: str) -> str:
    """A dotted name with each segment in the seed's spelling, the reverse of `rest_key`."""
    if "." not in dotted:
        return _TO_SEED.get(dotted, dotted)
    return ".".join(_TO_SEED.get(part, part) for part in dotted.split("."))


def _renamed(value: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(key, key): item for key, item in value.items()}
