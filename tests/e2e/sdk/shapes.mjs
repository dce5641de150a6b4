// The shapes that the SDK's types promise.
import assert from "node:assert/strict";

import { GUID } from "./surroundings.mjs";

const REST_NAMES = [
  "id",
  "createdDate",
  "updatedDate",
  "addressLine",
  "formattedAddress",
  "geocode",
];

// Names of the wire must not reach the caller, at any depth.
export function checkNames(value) {
  if (value === null || typeof value !== "object" || value instanceof Date) return;
  for (const [name, part] of Object.entries(value)) {
    assert.ok(!REST_NAMES.includes(name), `${name} is a name of the wire`);
    checkNames(part);
  }
}

export function checkContact(contact, revision = undefined) {
  checkNames(contact);
  assert.match(contact._id, GUID);
  assert.ok(Number.isInteger(contact.revision));
  if (revision !== undefined) assert.equal(contact.revision, revision);
  assert.equal(typeof contact.source.sourceType, "string");
  for (const date of [
    contact._createdDate,
    contact._updatedDate,
    contact.lastActivity.activityDate,
  ]) {
    assert.ok(date instanceof Date && !Number.isNaN(date.getTime()));
  }
  assert.equal(typeof contact.lastActivity.activityType, "string");
  for (const list of ["emails", "phones", "addresses"]) {
    for (const item of contact.info[list].items ?? []) {
      assert.match(item._id, GUID);
      assert.equal(typeof item.tag, "string");
    }
  }
  assert.equal(typeof contact.info.extendedFields.items, "object");
}

export function checkPaging(metadata, { count, offset = 0, total }) {
  assert.equal(metadata.count, count);
  assert.equal(metadata.offset, offset);
  assert.equal(metadata.total, total);
  assert.ok(!metadata.tooManyToCount);
}

// A label or a field; those of the system have no dates.
export function checkDefinition(definition, type, { isSystem }) {
  checkNames(definition);
  for (const name of ["key", "displayName", "namespace"]) assert.ok(definition[name], name);
  assert.ok(definition.key.startsWith(`${definition.namespace}.`));
  assert.equal(definition[type], isSystem ? "SYSTEM" : "USER_DEFINED");
  for (const name of ["_createdDate", "_updatedDate"]) {
    if (isSystem) assert.ok(!(name in definition), name);
    else assert.ok(definition[name] instanceof Date, name);
  }
}
