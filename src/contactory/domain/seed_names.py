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
    kept = {key: to_seed_names(item) for key, item in value.items() if key not in _TO_SEED}
    renamed = {_TO_SEED[key]: to_seed_names(value[key]) for key in _TO_SEED if key in value}
    if isinstance(kept.get("address"), dict):
        kept["address"] = _renamed(kept["address"], _ADDRESS_TO_SEED)
    picture = kept.get("picture")
    if isinstance(picture, dict) and isinstance(picture.get("image"), dict):
        kept["picture"] = picture | {"image": image_text(picture["image"])}
    if isinstance(kept.get("extendedFields"), dict):
        kept["extendedFields"] = _seed_field_keys(kept["extendedFields"])
    return kept | renamed


def image_text(image: dict[str, Any]) -> str:
    """An image object as the one string that the seed's dialect shows."""
    medium = image.get("id") or image.get("_id")
    if not medium:
        return str(image.get("url", ""))
    name = f"/{image['filename']}" if image.get("filename") else ""
    size = f"#originWidth={image.get('width', 0)}&originHeight={image.get('height', 0)}"
    return f"wix:image://v1/{medium}{name}{size}"


def rest_key(dotted: str) -> str:
    """A dotted name with each segment in REST spelling: `custom._id` is `custom.id`."""
    if "_" not in dotted:
        return dotted
    return ".".join(_TO_REST.get(part, part) for part in dotted.split("."))


def _seed_field_keys(fields: dict[str, Any]) -> dict[str, Any]:
    items = fields.get("items", {})
    return fields | {
        "items": {
            ".".join(_TO_SEED.get(part, part) for part in key.split(".")): value
            for key, value in items.items()
        }
    }


def _renamed(value: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(key, key): item for key, item in value.items()}
