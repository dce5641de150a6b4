// Every function of the four modules is there, and its result has the shape of the SDK's types.
import assert from "node:assert/strict";
import test from "node:test";

import { CALLS, functionsOf } from "./functions.mjs";
import { created } from "./people.mjs";
import { checkContact, checkDefinition, checkNames, checkPaging } from "./shapes.mjs";
import { GUID, modules, owner } from "./surroundings.mjs";
import { permissions } from "./typings.mjs";

const isWrapped = (result) => {
  assert.deepEqual(Object.keys(result), ["contact"]);
  checkContact(result.contact);
};
const isNothing = (result) => assert.ok(result === undefined || Object.keys(result).length === 0);
const isJob = (result) => {
  assert.deepEqual(Object.keys(result), ["jobId"]);
  assert.match(result.jobId, GUID);
};
const isPage = (items, metadata) => (result) => {
  assert.deepEqual(Object.keys(result).sort(), [items, metadata].sort());
  const { total } = result[metadata];
  assert.ok(Number.isInteger(total));
  checkPaging(result[metadata], { count: result[items].length, total });
  checkNames(result[items]);
};
const isFound = (result) => {
  for (const name of ["length", "pageSize", "currentPage", "totalCount", "totalPages"]) {
    assert.ok(Number.isInteger(result[name]), name);
  }
  assert.equal(result.length, result.items.length);
  assert.equal(result.pageSize, 2);
  checkNames(result.items);
};
const isDefinition = (type) => (result) => checkDefinition(result, type, { isSystem: false });
const isMade = (name, isNew, type) => (result) => {
  assert.deepEqual(Object.keys(result).sort(), [name, isNew].sort());
  assert.equal(result[isNew], true);
  isDefinition(type)(result[name]);
};

const SHAPES = {
  contacts: {
    createContact: isWrapped,
    getContact: checkContact,
    updateContact: isWrapped,
    deleteContact: isNothing,
    listContacts: isPage("contacts", "pagingMetadata"),
    queryContacts: isFound,
    mergeContacts: isWrapped,
    previewMergeContacts: isWrapped,
    labelContact: isWrapped,
    unlabelContact: isWrapped,
    listFacets: isPage("facets", "pagingMetadata"),
    queryFacets: isPage("facets", "pagingMetadata"),
    bulkDeleteContacts: isJob,
    bulkUpdateContacts: isJob,
    bulkLabelAndUnlabelContacts: isJob,
  },
  labels: {
    findOrCreateLabel: isMade("label", "newLabel", "labelType"),
    getLabel: isDefinition("labelType"),
    renameLabel: isDefinition("labelType"),
    deleteLabel: isNothing,
    listLabels: isPage("labels", "metadata"),
    queryLabels: isFound,
  },
  extendedFields: {
    findOrCreateExtendedField: isMade("field", "newField", "fieldType"),
    getExtendedField: isDefinition("fieldType"),
    renameExtendedField: isDefinition("fieldType"),
    deleteExtendedField: isNothing,
    listExtendedFields: isPage("fields", "metadata"),
    queryExtendedFields: isFound,
  },
  submittedContact: {
    appendOrCreateContact: (result) => {
      assert.deepEqual(Object.keys(result).sort(), ["contactId", "identityType", "newContact"]);
      assert.match(result.contactId, GUID);
      assert.equal(result.newContact, true);
    },
  },
};

for (const module of Object.keys(modules)) {
  test(`no function of ${module} is left out`, () => {
    const functions = functionsOf(module);
    assert.deepEqual(Object.keys(CALLS[module]).sort(), functions);
    assert.deepEqual(Object.keys(SHAPES[module]).sort(), functions);
    assert.deepEqual(Object.keys(permissions(module)).sort(), functions);
  });

  for (const [name, check] of Object.entries(SHAPES[module])) {
    test(`${module}.${name} answers what its type says`, async () => {
      check(await CALLS[module][name](owner, await created()));
    });
  }
}
