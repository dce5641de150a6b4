import assert from "node:assert/strict";
import test from "node:test";

import { created, emailed, freshEmail } from "./people.mjs";
import { checkNames, checkPaging } from "./shapes.mjs";
import { member, owner, refusal, refused } from "./surroundings.mjs";

// type, namespace, its name, key, name
const EXPECTED = [
  ["ALL_CONTACTS", undefined, undefined, "contacts.all", "All Contacts"],
  ["LABEL", "custom", "Labels", "custom.hot", "Hot"],
  ["LABEL", "custom", "Labels", "custom.cold", "Cold"],
  ["LABEL", "contacts", "Labels", "contacts.customers", "Customers"],
  ["LABEL", "contacts", "Labels", "contacts.contacted-me", "Contacted Me"],
  ...["subscribed", "unsubscribed", "pending", "bounced", "spam", "inactive"].map((name) => [
    "SUBSCRIPTION_STATUS",
    "emailSubscriptions",
    "Subscription Status",
    `emailSubscriptions.${name}`,
    name[0].toUpperCase() + name.slice(1),
  ]),
  ...["approved", "denied", "pending", "inactive"].map((name) => [
    "MEMBERSHIP_STATUS",
    "membershipStatus",
    "Membership Status",
    `membershipStatus.${name}`,
    name === "denied" ? "Blocked" : name[0].toUpperCase() + name.slice(1),
  ]),
];
const STATUSES = {
  "emailSubscriptions.subscribed": ["emailSubscriptions.subscriptionStatus", "SUBSCRIBED"],
  "emailSubscriptions.unsubscribed": ["emailSubscriptions.subscriptionStatus", "UNSUBSCRIBED"],
  "emailSubscriptions.pending": ["emailSubscriptions.subscriptionStatus", "PENDING"],
  "emailSubscriptions.bounced": ["emailSubscriptions.deliverabilityStatus", "BOUNCED"],
  "emailSubscriptions.spam": ["emailSubscriptions.deliverabilityStatus", "SPAM_COMPLAINT"],
  "emailSubscriptions.inactive": ["emailSubscriptions.deliverabilityStatus", "INACTIVE"],
  "membershipStatus.approved": ["members.membershipStatus", "APPROVED"],
  "membershipStatus.denied": ["members.membershipStatus", "DENIED"],
  "membershipStatus.pending": ["members.membershipStatus", "PENDING"],
  "membershipStatus.inactive": ["members.membershipStatus", "INACTIVE"],
};
const LABELLED = {
  "custom.hot": 2,
  "custom.cold": 1,
  "contacts.customers": 1,
  "contacts.contacted-me": 0,
};

// Five with an e-mail, one of them a member's, and one without.
let made;
const prepare = () => {
  made ??= (async () => {
    await owner.labels.findOrCreateLabel("Cold");
    await owner.labels.findOrCreateLabel("Hot");
    for (const labels of [
      ["custom.hot", "custom.cold"],
      ["custom.hot"],
      ["contacts.customers"],
      [],
    ]) {
      await created({ ...emailed(freshEmail()), labelKeys: { items: [...labels] } });
    }
    await created({ name: { first: "No e-mail" } });
    const client = await member("counted-member");
    await client.submittedContact.appendOrCreateContact({ info: emailed(freshEmail()) });
  })();
  return made;
};

const facets = async (options) => {
  await prepare();
  return owner.contacts.listFacets(options);
};

test("facets come in their order, with their names", async () => {
  const answer = await facets();
  const found = answer.facets.map((facet) => [
    facet.facetType,
    facet.namespace,
    facet.namespaceDisplayName,
    facet.facetKey,
    facet.facetDisplayName,
  ]);
  const inOrder = (rows) => rows.map((row) => JSON.stringify(row));
  assert.deepEqual(inOrder(found.slice(3)), inOrder(EXPECTED.slice(3)));
  assert.deepEqual(inOrder(found.slice(0, 1)), inOrder(EXPECTED.slice(0, 1)));
  // The labels of users come next, in an order that nothing fixes.
  assert.deepEqual(inOrder(found.slice(1, 3)).sort(), inOrder(EXPECTED.slice(1, 3)).sort());
  checkPaging(answer.pagingMetadata, { count: 15, total: 15 });
  answer.facets.forEach(checkNames);
});

test("facets count, and list what nobody has too", async () => {
  const counts = Object.fromEntries(
    (await facets()).facets.map(({ facetKey, count }) => [facetKey, count]),
  );
  assert.equal(counts["contacts.all"], 6);
  for (const [key, count] of Object.entries(LABELLED)) assert.equal(counts[key], count, key);
  assert.equal(counts["emailSubscriptions.unsubscribed"], 5);
  assert.equal(counts["emailSubscriptions.bounced"], 0);
});

test("a facet's filter, used as it is, finds as many as it counts", async () => {
  for (const { facetKey, queryFilter, count } of (await facets()).facets) {
    if (facetKey === "contacts.all") {
      assert.equal(queryFilter, undefined);
    } else if (facetKey in STATUSES) {
      const [field, status] = STATUSES[facetKey];
      assert.deepEqual(queryFilter, { [`info.extendedFields.${field}`]: { $eq: status } });
    } else {
      assert.deepEqual(queryFilter, { "info.labelKeys": { $hasSome: [facetKey] } });
    }
    const found = await owner.contacts.queryContacts({ filter: queryFilter ?? {} });
    assert.equal(found.pagingMetadata.total, count, facetKey);
  }
});

test("facets come in pages", async () => {
  const all = (await facets()).facets;
  const page = await facets({ paging: { limit: 3, offset: 2 } });
  assert.deepEqual(page.facets, all.slice(2, 5));
  checkPaging(page.pagingMetadata, { count: 3, offset: 2, total: 15 });
  const queried = await owner.contacts.queryFacets({ paging: { limit: 3, offset: 2 } });
  assert.deepEqual(queried, page);
  for (const paging of [{ limit: 1001 }, { limit: -1 }, { offset: -1 }]) {
    await refused(facets({ paging }), 400, "ILLEGAL_LIMIT");
    await refused(owner.contacts.queryFacets({ paging }), 400, "ILLEGAL_LIMIT");
  }
});

test("facets speak the language asked for", async () => {
  for (const answer of [
    await facets({ language: "es" }),
    await owner.contacts.queryFacets({ language: "es" }),
  ]) {
    const label = answer.facets.find(({ facetKey }) => facetKey === "contacts.customers");
    assert.equal(label.namespaceDisplayName, "Etiquetas");
    assert.equal(label.facetDisplayName, "Clientes");
  }
});

test("queryFacets without a filter is listFacets", async () => {
  assert.deepEqual(await owner.contacts.queryFacets(), await facets());
});

test("queryFacets counts the contacts of its filter", async () => {
  await prepare();
  const status = "info.extendedFields.emailSubscriptions.subscriptionStatus";
  for (const [filter, all, hot] of [
    [{ [status]: "UNSUBSCRIBED" }, 5, 2],
    [{ [status]: { $ne: "UNSUBSCRIBED" } }, 1, 0],
    [{ [status]: { $in: ["SUBSCRIBED", "PENDING"] } }, 0, 0],
    [{ [status]: { $nin: ["SUBSCRIBED", "PENDING"] } }, 6, 2],
    [{ "info.extendedFields.emailSubscriptions.deliverabilityStatus": "NOT_SET" }, 5, 2],
    [{ "info.extendedFields.emailSubscriptions.effectiveEmail": { $exists: true } }, 0, 0],
    [{ "info.extendedFields.emailSubscriptions.effectiveEmail": { $exists: false } }, 6, 2],
  ]) {
    const { facets: found } = await owner.contacts.queryFacets({ filter: structuredClone(filter) });
    const countOf = (key) => found.find(({ facetKey }) => facetKey === key).count;
    assert.deepEqual(
      [countOf("contacts.all"), countOf("custom.hot")],
      [all, hot],
      JSON.stringify(filter),
    );
    assert.equal(found.length, 15);
    for (const { facetKey, queryFilter, count } of found) {
      const both = { $and: [structuredClone(filter), queryFilter ?? {}] };
      const { pagingMetadata } = await owner.contacts.queryContacts({ filter: both });
      assert.equal(count, pagingMetadata.total, `${JSON.stringify(filter)} ${facetKey}`);
    }
  }
});

test("queryFacets refuses filters that it does not know", async () => {
  await prepare();
  for (const filter of [
    { "info.nothing": "x" },
    { "info.extendedFields.emailSubscriptions.subscriptionStatus": { $startsWith: "U" } },
    { "info.extendedFields.emailSubscriptions.subscriptionStatus": "PERHAPS" },
    "a text",
  ]) {
    const error = await refusal(owner.contacts.queryFacets({ filter }));
    assert.equal(error.status, 400);
    assert.match(error.details.applicationError.code, /^(UNSUPPORTED|MALFORMED)_FILTER/);
  }
});
