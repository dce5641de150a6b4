import assert from "node:assert/strict";
import test from "node:test";

import { testOperators } from "./operators.mjs";
import { checkPages } from "./paging.mjs";
import { created, person } from "./people.mjs";
import { checkDefinition, checkPaging } from "./shapes.mjs";
import { elsewhere, invalid, owner, refusal, refused, sleep } from "./surroundings.mjs";

// Key and data type of what every site has.
const SYSTEM = {
  "contacts.displayByFirstName": "TEXT",
  "contacts.displayByLastName": "TEXT",
  "ecom.lastPurchaseDate": "DATE",
  "ecom.numOfPurchases": "NUMBER",
  "ecom.totalSpentAmount": "NUMBER",
  "ecom.totalSpentCurrency": "TEXT",
  "emailSubscriptions.deliverabilityStatus": "TEXT",
  "emailSubscriptions.effectiveEmail": "TEXT",
  "emailSubscriptions.subscriptionStatus": "TEXT",
  "invoices.vatId": "TEXT",
  "members.membershipStatus": "TEXT",
  "members.mobile": "TEXT",
};
const OURS = [
  ["Zeal", "TEXT"],
  ["age", "NUMBER"],
  ["Age Group", "TEXT"],
  ["Last Visit", "DATE"],
  ["Home Page", "URL"],
];

const found = async (name, type = "TEXT") =>
  (await owner.extendedFields.findOrCreateExtendedField(name, type)).field;

// The queries and lists are held against a site whose fields no other test changes.
const site = elsewhere;
const noun = {
  builder: () => site.extendedFields.queryExtendedFields(),
  typed: (query) => site.extendedFields.queryExtendedFields(query),
  itemsOf: ({ fields }) => fields,
};

let made;
const prepare = () => {
  made ??= (async () => {
    for (const [name, type] of OURS) {
      await site.extendedFields.findOrCreateExtendedField(name, type);
      await sleep(3);
    }
    await site.extendedFields.renameExtendedField("custom.age", { displayName: "age in years" });
    const { fields } = await site.extendedFields.listExtendedFields();
    return { noun, items: fields, identify: ({ key }) => key };
  })();
  return made;
};
const everything = async () => (await prepare()).items;
const query = () => site.extendedFields.queryExtendedFields();

test("a field is made once and found again", async () => {
  const first = await owner.extendedFields.findOrCreateExtendedField("Last Contacted", "DATE");
  assert.deepEqual(Object.keys(first).sort(), ["field", "newField"]);
  assert.equal(first.newField, true);
  checkDefinition(first.field, "fieldType", { isSystem: false });
  const { key, displayName, dataType, namespace } = first.field;
  assert.deepEqual(
    { key, displayName, dataType, namespace },
    {
      key: "custom.last-contacted",
      displayName: "Last Contacted",
      dataType: "DATE",
      namespace: "custom",
    },
  );
  const again = await owner.extendedFields.findOrCreateExtendedField("Last Contacted", "TEXT");
  assert.equal(again.newField, false);
  assert.deepEqual(again.field, first.field);
  assert.deepEqual(await owner.extendedFields.getExtendedField(key), first.field);
});

test("a field of each data type takes its values", async () => {
  const values = { TEXT: "Tea", NUMBER: 1.5, DATE: "2020-02-29", URL: "example.com" };
  const items = {};
  for (const [type, value] of Object.entries(values)) {
    const field = await found(`Typed ${type}`, type);
    assert.equal(field.dataType, type);
    items[field.key] = value;
  }
  const contact = await created({ ...person(), extendedFields: { items: { ...items } } });
  for (const [key, value] of Object.entries(items)) {
    const expected = value === "example.com" ? "https://example.com" : value;
    assert.equal(contact.info.extendedFields.items[key], expected);
  }
  for (const [type, value] of [
    ["NUMBER", "many"],
    ["DATE", "soon"],
    ["TEXT", 5],
  ]) {
    const key = `custom.typed-${type.toLowerCase()}`;
    await refused(
      owner.contacts.createContact({ ...person(), extendedFields: { items: { [key]: value } } }),
      400,
      "INVALID_EXTENDED_FIELD_VALUE",
    );
  }
});

test("fields with odd names and keys can be had, renamed and deleted", async () => {
  for (const name of ["Größe & Maß", "好きな 色", "100 % / done?", "***", "a#b+c d"]) {
    const field = await found(name);
    assert.equal(field.displayName, name);
    assert.match(field.key, /^custom\../);
    const contact = await created({ ...person(), extendedFields: { items: { [field.key]: "x" } } });
    assert.equal(contact.info.extendedFields.items[field.key], "x");
    assert.deepEqual(await owner.extendedFields.getExtendedField(field.key), field);
    const renamed = await owner.extendedFields.renameExtendedField(field.key, {
      displayName: `${name} 2`,
    });
    assert.equal(renamed.key, field.key);
    await owner.extendedFields.deleteExtendedField(field.key);
    assert.equal((await refusal(owner.extendedFields.getExtendedField(field.key))).status, 404);
  }
});

test("a field keeps its key under a new name", async () => {
  const field = await found("Before");
  await sleep(3);
  const renamed = await owner.extendedFields.renameExtendedField(field.key, {
    displayName: "After",
  });
  checkDefinition(renamed, "fieldType", { isSystem: false });
  assert.deepEqual([renamed.key, renamed.displayName], [field.key, "After"]);
  assert.ok(renamed._updatedDate > field._updatedDate);
  assert.deepEqual(await owner.extendedFields.getExtendedField(field.key), renamed);
});

test("a name in use, and a field of the system, cannot be had by renaming", async () => {
  const [, second] = [await found("Taken"), await found("Free")];
  const rename = (key, displayName) =>
    refusal(owner.extendedFields.renameExtendedField(key, { displayName }));
  assert.equal((await rename(second.key, "Taken")).status, 409);
  assert.equal((await rename("invoices.vatId", "X")).status, 403);
  assert.equal((await rename("custom.nowhere", "X")).status, 404);
});

test("a deleted field takes its values from every contact", async () => {
  const field = await found("Gone");
  const contact = await created({
    ...person(),
    extendedFields: { items: { [field.key]: "x", "custom.stays": "y" } },
  });
  const nothing = await owner.extendedFields.deleteExtendedField(field.key);
  assert.ok(nothing === undefined || Object.keys(nothing).length === 0);
  const { items } = (await owner.contacts.getContact(contact._id)).info.extendedFields;
  assert.ok(!(field.key in items));
  assert.equal(items["custom.stays"], "y");
  for (const call of [
    () => owner.extendedFields.getExtendedField(field.key),
    () => owner.extendedFields.deleteExtendedField(field.key),
  ]) {
    assert.equal((await refusal(call())).status, 404);
  }
  const again = await found("Gone", "NUMBER");
  assert.deepEqual([again.key, again.dataType], [field.key, "NUMBER"]);
  const after = await owner.contacts.getContact(contact._id);
  assert.ok(!(field.key in after.info.extendedFields.items));
});

test("a field of the system cannot be deleted", async () => {
  const error = await refusal(owner.extendedFields.deleteExtendedField("invoices.vatId"));
  assert.equal(error.status, 403);
  const field = await owner.extendedFields.getExtendedField("invoices.vatId");
  checkDefinition(field, "fieldType", { isSystem: true });
});

test("names have one to 150 characters, and a field needs a data type", async () => {
  const make = (name, type) => owner.extendedFields.findOrCreateExtendedField(name, type);
  await invalid(make("", "TEXT"), "displayName");
  await invalid(make("x".repeat(151), "TEXT"), "displayName");
  await invalid(make("Untyped", undefined), "dataType");
  await invalid(make("Mistyped", "COLOUR"), "dataType");
  await invalid(make("Mistyped", "UNKNOWN_DATA_TYPE"), "dataType");
  const field = await found("Fine");
  await invalid(
    owner.extendedFields.renameExtendedField(field.key, { displayName: "" }),
    "field.displayName",
  );
});

test("a list shows the newest first and those of the system last", async () => {
  const fields = await everything();
  assert.deepEqual(
    fields.slice(0, OURS.length).map(({ displayName, dataType }) => [displayName, dataType]),
    OURS.map(([name, type]) => [name === "age" ? "age in years" : name, type]).reverse(),
  );
  const system = fields.slice(OURS.length);
  assert.deepEqual(Object.fromEntries(system.map(({ key, dataType }) => [key, dataType])), SYSTEM);
  fields.forEach((field) => {
    checkDefinition(field, "fieldType", { isSystem: field.key in SYSTEM });
    if (field.key in SYSTEM) assert.ok(field.description);
  });
  const { metadata } = await site.extendedFields.listExtendedFields();
  checkPaging(metadata, { count: fields.length, total: fields.length });
});

test("a list takes filters, a sort and a page", async () => {
  await prepare();
  const keys = async (options) =>
    (await site.extendedFields.listExtendedFields(options)).fields.map(({ key }) => key);
  assert.deepEqual((await keys({ fieldType: "SYSTEM" })).sort(), Object.keys(SYSTEM).sort());
  assert.equal((await keys({ fieldType: "USER_DEFINED" })).length, OURS.length);
  assert.deepEqual(await keys({ namespace: "invoices" }), ["invoices.vatId"]);
  assert.deepEqual(await keys({ namespace: "custom", startsWith: "Age" }), ["custom.age-group"]);
  assert.deepEqual(await keys({ namespace: "custom", startsWith: "age" }), ["custom.age"]);
  const sort = { fieldName: "displayName", order: "DESC" };
  assert.deepEqual(await keys({ sort, namespace: "custom", paging: { limit: 2 } }), [
    "custom.zeal",
    "custom.last-visit",
  ]);
  const page = await site.extendedFields.listExtendedFields({ paging: { limit: 2, offset: 1 } });
  assert.deepEqual(
    page.fields.map(({ key }) => key),
    ["custom.last-visit", "custom.age-group"],
  );
  checkPaging(page.metadata, { count: 2, offset: 1, total: OURS.length + 12 });
});

test("problems of a list are named by the caller's arguments", async () => {
  const list = (options) => site.extendedFields.listExtendedFields(options);
  await list({ paging: { limit: 1000 } });
  await invalid(list({ paging: { limit: 1001 } }), "options.paging.limit");
  await invalid(list({ fieldType: "OTHER" }), "options.fieldType");
  await invalid(list({ namespace: "ab" }), "options.namespace");
  await refused(list({ sort: { fieldName: "key" } }), 400, "INVALID_SORT");
});

testOperators(test, "extendedFields", prepare);

test("the pages of a query lead to each other", async () => {
  const fields = await everything();
  await checkPages(query(), fields);
  const ours = fields.filter(({ fieldType }) => fieldType === "USER_DEFINED").reverse();
  await checkPages(query().eq("fieldType", "USER_DEFINED").ascending("_createdDate"), ours);
});

test("conditions are combined, and those fields do not know refused", async () => {
  const keys = async (builder) =>
    (await builder.ascending("displayName").find()).items.map(({ key }) => key);
  const numbers = () => query().eq("dataType", "NUMBER");
  const ours = () => query().eq("namespace", "custom");
  assert.deepEqual(await keys(numbers().and(ours())), ["custom.age"]);
  assert.deepEqual(
    await keys(ours().and(query().not(numbers().or(query().eq("dataType", "TEXT"))))),
    ["custom.home-page", "custom.last-visit"],
  );
  for (const unknown of ["contains", "endsWith"]) {
    await refused(query()[unknown]("displayName", "x").find(), 400, "UNSUPPORTED_FILTER_OPERATOR");
  }
});

test("a site has as many fields as its quota allows", async () => {
  const { fields } = await owner.extendedFields.listExtendedFields({ fieldType: "USER_DEFINED" });
  const items = Object.fromEntries(
    Array.from({ length: 100 - fields.length }, (_, at) => [`custom.quota-${at}`, "x"]),
  );
  await created({ ...person(), extendedFields: { items } });
  const one = () => owner.extendedFields.findOrCreateExtendedField("One too many", "TEXT");
  await refused(one(), 429, "FIELDS_QUOTA_EXCEEDED");
  const known = await owner.extendedFields.findOrCreateExtendedField("Last Contacted", "DATE");
  assert.equal(known.newField, false);
  await owner.extendedFields.deleteExtendedField("custom.quota-0");
  assert.equal((await one()).newField, true);
});

test("a field of one site is none of another", async () => {
  await everything();
  assert.equal((await refusal(owner.extendedFields.getExtendedField("custom.zeal"))).status, 404);
});
