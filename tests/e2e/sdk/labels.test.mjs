import assert from "node:assert/strict";
import test from "node:test";

import { METHODS, testOperators } from "./operators.mjs";
import { checkPages } from "./paging.mjs";
import { created, person } from "./people.mjs";
import { checkDefinition, checkPaging } from "./shapes.mjs";
import {
  elsewhere,
  invalid,
  owner,
  refusal,
  refused,
  server,
  sleep,
  withKey,
} from "./surroundings.mjs";

const SYSTEM = { "contacts.contacted-me": "Contacted Me", "contacts.customers": "Customers" };
const SPANISH = { "contacts.contacted-me": "Me contactaron", "contacts.customers": "Clientes" };
const NAMES = ["Zulu", "alpha one", "Alpha Two", "Mike", "ébène"];

const keysOf = (labels) => labels.map(({ key }) => key);
const labelled = async (name) => (await owner.labels.findOrCreateLabel(name)).label;

// The queries and lists are held against a site whose labels no other test changes.
const site = elsewhere;
const noun = {
  builder: () => site.labels.queryLabels(),
  typed: (query) => site.labels.queryLabels(query),
  itemsOf: ({ labels }) => labels,
};

let made;
const prepare = () => {
  made ??= (async () => {
    for (const name of NAMES) {
      const { label } = await site.labels.findOrCreateLabel(name);
      await sleep(3);
      if (name === "Mike") await site.labels.renameLabel(label.key, { displayName: "Mike Two" });
      await sleep(3);
    }
    const { labels } = await site.labels.listLabels();
    return { noun, items: labels, identify: ({ key }) => key };
  })();
  return made;
};
const everything = async () => (await prepare()).items;
const query = (options) => site.labels.queryLabels(options);

test("a label is made once and found again", async () => {
  const first = await owner.labels.findOrCreateLabel("At Risk");
  assert.deepEqual(Object.keys(first).sort(), ["label", "newLabel"]);
  assert.equal(first.newLabel, true);
  checkDefinition(first.label, "labelType", { isSystem: false });
  const { key, displayName, namespace, namespaceDisplayName } = first.label;
  assert.deepEqual(
    { key, displayName, namespace, namespaceDisplayName },
    {
      key: "custom.at-risk",
      displayName: "At Risk",
      namespace: "custom",
      namespaceDisplayName: "Labels",
    },
  );
  const again = await owner.labels.findOrCreateLabel("At Risk");
  assert.equal(again.newLabel, false);
  assert.deepEqual(again.label, first.label);
  assert.deepEqual(await owner.labels.getLabel(key), first.label);
});

test("names that differ in letter case alone are two labels", async () => {
  const [first, second] = [await labelled("White Glove"), await labelled("white glove")];
  assert.deepEqual(keysOf([first, second]), ["custom.white-glove", "custom.white-glove-1"]);
});

test("labels with odd names and keys can be had, renamed and deleted", async () => {
  for (const name of ["Größe & Maß", "東京 ラーメン", "100 % / done?", "***", "a#b+c d"]) {
    const { label } = await owner.labels.findOrCreateLabel(name);
    assert.equal(label.displayName, name);
    assert.match(label.key, /^custom\../);
    assert.deepEqual(await owner.labels.getLabel(label.key), label);
    const renamed = await owner.labels.renameLabel(label.key, { displayName: `${name} 2` });
    assert.equal(renamed.key, label.key);
    await owner.labels.deleteLabel(label.key);
    assert.equal((await refusal(owner.labels.getLabel(label.key))).status, 404);
  }
});

test("the system's labels speak the language asked for", async () => {
  for (const [key, displayName] of Object.entries(SYSTEM)) {
    const label = await owner.labels.getLabel(key);
    checkDefinition(label, "labelType", { isSystem: true });
    assert.deepEqual([label.displayName, label.namespaceDisplayName], [displayName, "Labels"]);
    const spanish = await owner.labels.getLabel(key, { language: "es" });
    assert.deepEqual(
      [spanish.displayName, spanish.namespaceDisplayName],
      [SPANISH[key], "Etiquetas"],
    );
  }
  const answers = [
    (await owner.labels.findOrCreateLabel("Hola", { language: "es" })).label,
    await owner.labels.renameLabel("custom.hola", { displayName: "Hola 2" }, { language: "es" }),
    (await owner.labels.listLabels({ language: "es" })).labels.at(-1),
    (await owner.labels.queryLabels({ language: "es" }).eq("key", "contacts.customers").find())
      .items[0],
  ];
  for (const { namespaceDisplayName } of answers) assert.equal(namespaceDisplayName, "Etiquetas");
  assert.equal(answers[0].displayName, "Hola");
  assert.equal(answers[3].displayName, "Clientes");
});

test("a label keeps its key under a new name", async () => {
  const label = await labelled("Before");
  await sleep(3);
  const renamed = await owner.labels.renameLabel(label.key, { displayName: "After" });
  checkDefinition(renamed, "labelType", { isSystem: false });
  assert.equal(renamed.key, label.key);
  assert.equal(renamed.displayName, "After");
  assert.deepEqual(renamed._createdDate, label._createdDate);
  assert.ok(renamed._updatedDate > label._updatedDate);
  assert.deepEqual(await owner.labels.getLabel(label.key), renamed);
  const { label: found, newLabel } = await owner.labels.findOrCreateLabel("After");
  assert.deepEqual([found.key, newLabel], [label.key, false]);
});

test("a name in use, and a label of the system, cannot be had by renaming", async () => {
  const [first, second] = [await labelled("Taken"), await labelled("Free")];
  const taken = await refusal(owner.labels.renameLabel(second.key, { displayName: "Taken" }));
  assert.equal(taken.status, 409);
  await owner.labels.renameLabel(first.key, { displayName: "Taken" });
  const system = await refusal(
    owner.labels.renameLabel("contacts.customers", { displayName: "X" }),
  );
  assert.equal(system.status, 403);
  const unknown = await refusal(owner.labels.renameLabel("custom.nowhere", { displayName: "X" }));
  assert.equal(unknown.status, 404);
  assert.equal(typeof unknown.details.applicationError.code, "string");
});

test("a deleted label is gone from every contact", async () => {
  const label = await labelled("Gone");
  const contact = await created({ ...person(), labelKeys: { items: [label.key, "custom.stays"] } });
  const nothing = await owner.labels.deleteLabel(label.key);
  assert.ok(nothing === undefined || Object.keys(nothing).length === 0);
  const after = await owner.contacts.getContact(contact._id);
  assert.deepEqual(after.info.labelKeys.items, ["custom.stays"]);
  for (const call of [
    () => owner.labels.getLabel(label.key),
    () => owner.labels.deleteLabel(label.key),
    () => owner.labels.renameLabel(label.key, { displayName: "X" }),
  ]) {
    assert.equal((await refusal(call())).status, 404);
  }
  assert.equal((await owner.labels.findOrCreateLabel("Gone")).label.key, label.key);
});

test("a label of the system cannot be deleted", async () => {
  assert.equal((await refusal(owner.labels.deleteLabel("contacts.customers"))).status, 403);
  await owner.labels.getLabel("contacts.customers");
});

test("names have one to 180 characters", async () => {
  const label = await labelled("Fine");
  for (const name of ["", "x".repeat(181), undefined]) {
    await invalid(owner.labels.findOrCreateLabel(name), "displayName");
  }
  await invalid(owner.labels.renameLabel(label.key, { displayName: "" }), "label.displayName");
  const { label: long } = await owner.labels.findOrCreateLabel("y".repeat(180));
  assert.ok(long.key.length <= 80);
});

test("a list shows the newest first and those of the system last", async () => {
  const labels = await everything();
  assert.deepEqual(
    labels.map(({ displayName }) => displayName),
    ["ébène", "Mike Two", "Alpha Two", "alpha one", "Zulu", ...Object.values(SYSTEM)],
  );
  labels.forEach((label) => checkDefinition(label, "labelType", { isSystem: label.key in SYSTEM }));
  const { metadata } = await site.labels.listLabels();
  checkPaging(metadata, { count: labels.length, total: labels.length });
});

test("a list takes filters, a sort and a page", async () => {
  await prepare();
  const names = async (options) =>
    (await site.labels.listLabels(options)).labels.map(({ displayName }) => displayName);
  assert.deepEqual(await names({ labelType: "SYSTEM" }), Object.values(SYSTEM));
  assert.equal((await names({ labelType: "USER_DEFINED" })).length, NAMES.length);
  assert.deepEqual(await names({ labelType: "WIX_APP_DEFINED" }), []);
  assert.deepEqual(await names({ namespace: "contacts" }), Object.values(SYSTEM));
  assert.equal((await names({ namespace: "custom" })).length, NAMES.length);
  assert.deepEqual(await names({ startsWith: "Alpha" }), ["Alpha Two"]);
  assert.deepEqual(await names({ startsWith: "alpha" }), ["alpha one"]);
  const sort = { fieldName: "displayName", order: "ASC" };
  assert.deepEqual(await names({ sort, paging: { limit: 3 } }), [
    "alpha one",
    "Alpha Two",
    Object.values(SYSTEM)[0],
  ]);
  assert.deepEqual(await names({ sort: { fieldName: "_createdDate" }, paging: { limit: 1 } }), [
    "Zulu",
  ]);
  const page = await site.labels.listLabels({ sort, paging: { limit: 2, offset: 1 } });
  assert.deepEqual(keysOf(page.labels), ["custom.alpha-two", "contacts.contacted-me"]);
  checkPaging(page.metadata, { count: 2, offset: 1, total: NAMES.length + 2 });
});

test("problems of a list are named by the caller's arguments", async () => {
  const list = (options) => site.labels.listLabels(options);
  await list({ paging: { limit: 2000 } });
  await invalid(list({ paging: { limit: 2001 } }), "options.paging.limit");
  await invalid(
    list({ paging: { limit: -1, offset: -1 } }),
    "options.paging.limit",
    "options.paging.offset",
  );
  await invalid(list({ labelType: "OTHER" }), "options.labelType");
  await invalid(list({ namespace: "ab" }), "options.namespace");
  await invalid(list({ startsWith: "x".repeat(181) }), "options.startsWith");
  await invalid(list({ language: "english" }), "options.language");
  await refused(list({ sort: { fieldName: "key" } }), 400, "INVALID_SORT");
});

testOperators(test, "labels", prepare);

test("the pages of a query lead to each other", async () => {
  const labels = await everything();
  await checkPages(query(), labels);
  const ours = labels.filter(({ labelType }) => labelType === "USER_DEFINED").reverse();
  await checkPages(query().eq("labelType", "USER_DEFINED").ascending("_createdDate"), ours);
});

test("conditions are combined, and those labels do not know refused", async () => {
  const names = async (builder) =>
    (await builder.ascending("displayName").find()).items.map(({ displayName }) => displayName);
  const alpha = () => query().startsWith("displayName", "ALPHA");
  assert.deepEqual(await names(alpha()), ["alpha one", "Alpha Two"]);
  assert.deepEqual(await names(alpha().eq("key", "custom.alpha-two")), ["Alpha Two"]);
  assert.deepEqual(await names(alpha().or(query().eq("displayName", "Zulu"))), [
    "alpha one",
    "Alpha Two",
    "Zulu",
  ]);
  assert.deepEqual(await names(query().eq("namespace", "custom").and(query().not(alpha()))), [
    "Mike Two",
    "Zulu",
    "ébène",
  ]);
  const [newest, , third] = await everything();
  assert.deepEqual(
    await names(query().between("_createdDate", third._createdDate, newest._createdDate)),
    ["Alpha Two", "Mike Two"],
  );
  for (const unknown of ["contains", "endsWith"]) {
    await refused(query()[unknown]("displayName", "x").find(), 400, "UNSUPPORTED_FILTER_OPERATOR");
  }
  assert.ok(Object.keys(query()).length >= Object.keys(METHODS).length);
});

test("a query takes a thousand at most", async () => {
  await query().limit(1000).find();
  for (const builder of [query().limit(1001), query().limit(-1), query().skip(-1)]) {
    const error = await refusal(builder.find());
    assert.equal(error.status, 400);
    assert.equal(error.details.validationError.fieldViolations.length, 1);
  }
});

test("a site has as many labels as its quota allows", async () => {
  const { labels } = await owner.labels.listLabels({ labelType: "USER_DEFINED" });
  const items = Array.from({ length: 1000 - labels.length }, (_, at) => `custom.quota-${at}`);
  await created({ ...person(), labelKeys: { items } });
  await refused(owner.labels.findOrCreateLabel("One too many"), 428, "LABELS_QUOTA_REACHED", {
    labelsQuota: "1000",
    labelsCurrentTotal: "1000",
  });
  assert.equal((await owner.labels.findOrCreateLabel("At Risk")).newLabel, false);
  await owner.labels.deleteLabel("custom.quota-0");
  assert.equal((await owner.labels.findOrCreateLabel("The last")).newLabel, true);
});

test("a label of one site is none of another", async () => {
  const other = withKey(server.otherKey, server.otherSiteId);
  await everything();
  assert.equal((await refusal(owner.labels.getLabel("custom.zulu"))).status, 404);
  assert.equal((await refusal(other.labels.getLabel("custom.at-risk"))).status, 404);
});
