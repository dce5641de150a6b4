"""Sees that the labels and custom fields exist which a contact names (CONTRACT E.5)."""

from __future__ import annotations

from collections.abc import Sequence

from contactory.domain.definition_events import Author
from contactory.domain.extended_fields import CheckedFields
from contactory.domain.labels import check_label_keys
from contactory.kit.clock import Timestamp
from contactory.ops.context import Context
from contactory.store.engine import Transaction
from contactory.store.extended_fields import register_fields
from contactory.store.labels import register_labels


async def register_named(
    tx: Transaction,
    context: Context,
    label_keys: Sequence[str],
    checked: CheckedFields,
    now: Timestamp,
) -> None:
    """Make the custom labels and fields that do not exist, unless the site is strict.

    Raises LabelNotFound, LabelsQuotaReached, FieldsQuotaExceeded.
    """
    settings = context.settings
    author = Author(context.identity, now)
    custom = check_label_keys(tuple(label_keys))
    if custom:
        await register_labels(
            tx,
            context.site,
            custom,
            author,
            strict=settings.strict_keys,
            quota=settings.labels_quota,
        )
    if checked.new:
        await register_fields(tx, context.site, checked, author, quota=settings.fields_quota)
