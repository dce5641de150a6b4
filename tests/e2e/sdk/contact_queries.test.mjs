import assert from "node:assert/strict";
import test from "node:test";

import { contacts as contactsModule } from "@wix/crm";

import { METHODS, testOperators, valuesOf } from "./operators.mjs";
import { checkPages } from "./paging.mjs";
import { created, emailed, freshEmail } from "./people.mjs";
import { checkContact, checkPaging } from "./shapes.mjs";
import { ids, owner, refused, sleep, withKey, server } from "./surroundings.mjs";

// One part a column; "-" is a part that is missing.
const PEOPLE = `
Anna   Berg  ann@a.example    2025550101  Acme       Writer  1980-01-05  en-us  alpha
bert   Cohn  bert@b.example   3125550102  acme_north Pilot   1971-12-31  de     alpha,beta
Carla  berg  Carla@C.example  4155550103  Bolt       -       1995-04-25  fr     beta
Dora   -     dora@d.example   -           -          writer  -           -      -
-      Eng   eng@e.example    6175550105  Zeta       Baker   2001-02-28  de     gamma
Fay    Cohn  -                2125550106  Bolt       Pilot   1980-01-05  -      -
Ángel  Ñu    angel@f.example  -           Élan       Юрист   1960-06-15  es     alpha,beta,gamma
`
  .trim()
  .split("\n")
  .map((line) => line.split(/\s+/).map((part) => (part === "-" ? undefined : part)));

const info = ([first, last, email, phone, company, jobTitle, birthdate, locale, labels]) => ({
  name: { first, last },
  ...(email ? emailed(email) : {}),
  ...(phone ? { phones: { items: [{ phone, countryCode: "US" }] } } : {}),
  company,
  jobTitle,
  birthdate,
  locale,
  ...(labels ? { labelKeys: { items: labels.split(",").map((name) => `custom.${name}`) } } : {}),
});

const noun = {
  builder: () => owner.contacts.queryContacts(),
  typed: (query) => owner.contacts.queryContacts(query),
  itemsOf: ({ contacts }) => contacts,
};

// Made once, one after the other, so that every date differs.
let made;
const prepare = () => {
  made ??= (async () => {
    const items = [];
    for (const one of PEOPLE) {
      items.push(await created(info(one)));
      await sleep(3);
    }
    return { noun, items, identify: ({ _id }) => _id };
  })();
  return made;
};
const everybody = async () => (await prepare()).items;
const query = () => owner.contacts.queryContacts();

testOperators(test, "contacts", prepare);

test("a query of everything answers all, oldest first, in the SDK's names", async () => {
  const items = await everybody();
  const found = await query().find();
  assert.deepEqual(found.items, items);
  found.items.forEach((contact) => checkContact(contact, 1));
  assert.equal(found.totalCount, items.length);
  assert.ok(found.query.find);
});

test("the pages of a query lead to each other", async () => {
  const items = await everybody();
  await checkPages(query(), items);
  const newest = [...items].reverse();
  await checkPages(query().descending("_createdDate"), newest);
  const named = items.filter(({ info: { company } }) => company);
  await checkPages(query().exists("info.company", true), named);
});

test("ties are broken by the id, in the order of the sort", async () => {
  const items = await everybody();
  const pilots = ids(items.filter(({ info: { jobTitle } }) => jobTitle === "Pilot")).sort();
  const found = query().eq("info.jobTitle", "Pilot");
  assert.deepEqual(ids((await found.ascending("info.jobTitle").find()).items), pilots);
  const downwards = await found.descending("info.jobTitle").find();
  assert.deepEqual(ids(downwards.items), [...pilots].reverse());
});

test("several sorts apply one after the other", async () => {
  const items = await everybody();
  const sorted = [...items].sort((a, b) => {
    const [x, y] = [a, b].map(({ info: { birthdate } }) => birthdate ?? "9999");
    if (x !== y) return x < y ? -1 : 1;
    return b._createdDate - a._createdDate;
  });
  const chained = await query().ascending("info.birthdate").descending("_createdDate").find();
  assert.deepEqual(ids(chained.items), ids(sorted));
  const together = await query().ascending("info.birthdate", "_createdDate").find();
  assert.deepEqual(ids(together.items).sort(), ids(sorted).sort());
});

const found = async (builder) => ids((await builder.find()).items).sort();
const those = async (isMeant) => ids((await everybody()).filter(isMeant)).sort();

test("conditions are combined by and, or and not", async () => {
  const bolt = ({ info: { company } }) => company === "Bolt";
  const german = ({ info: { locale } }) => locale === "de";
  const pilot = ({ info: { jobTitle } }) => jobTitle === "Pilot";
  const isBolt = () => query().eq("info.company", "Bolt");
  const isGerman = () => query().eq("info.locale", "de");
  const isPilot = () => query().eq("info.jobTitle", "Pilot");
  assert.deepEqual(
    await found(isBolt().eq("info.jobTitle", "Pilot")),
    await those((c) => bolt(c) && pilot(c)),
  );
  assert.deepEqual(await found(isBolt().and(isPilot())), await those((c) => bolt(c) && pilot(c)));
  assert.deepEqual(await found(isBolt().or(isGerman())), await those((c) => bolt(c) || german(c)));
  assert.deepEqual(
    await found(isBolt().or(isGerman()).and(isPilot())),
    await those((c) => (bolt(c) || german(c)) && pilot(c)),
  );
  assert.deepEqual(await found(query().not(isBolt())), await those((c) => !bolt(c)));
  assert.deepEqual(
    await found(query().not(isBolt().or(isGerman()))),
    await those((c) => !bolt(c) && !german(c)),
  );
});

test("between takes the lower end and leaves the upper one", async () => {
  const items = await everybody();
  const [from, to] = [items[1]._createdDate, items[4]._createdDate];
  assert.deepEqual(
    await found(query().between("_createdDate", from, to)),
    ids(items.slice(1, 4)).sort(),
  );
  assert.deepEqual(
    await found(query().between("info.birthdate", "1980-01-05", "1995-04-25")),
    await those(({ info: { birthdate } }) => birthdate === "1980-01-05"),
  );
});

test("what is empty and what is not is told apart", async () => {
  for (const field of [
    "info.company",
    "info.name.last",
    "primaryInfo.email",
    "primaryInfo.phone",
  ]) {
    const isThere = (contact) => valuesOf(contact, field).length > 0;
    assert.deepEqual(await found(query().isEmpty(field)), await those((c) => !isThere(c)), field);
    assert.deepEqual(await found(query().isNotEmpty(field)), await those(isThere), field);
    assert.deepEqual(
      await found(query().eq(field, undefined)),
      await those((c) => !isThere(c)),
      field,
    );
  }
});

test("lists of values may be spread, and stand for one of them on single fields", async () => {
  const alphaOrGamma = ({ info: { labelKeys } }) =>
    labelKeys?.items.some((key) => ["custom.alpha", "custom.gamma"].includes(key));
  assert.deepEqual(
    await found(query().hasSome("info.labelKeys", "custom.alpha", "custom.gamma")),
    await those(alphaOrGamma),
  );
  assert.deepEqual(
    await found(query().hasSome("info.name.first", ["Anna", "Dora"])),
    await those(({ info: { name } }) => ["Anna", "Dora"].includes(name.first)),
  );
});

test("e-mails match in any letter case, phones in any of their forms", async () => {
  const [, , carla] = await everybody();
  for (const email of ["carla@c.example", "CARLA@C.EXAMPLE"]) {
    assert.deepEqual(await found(query().eq("primaryInfo.email", email)), [carla._id]);
    assert.deepEqual(await found(query().in("primaryInfo.email", [email, "x@x.example"])), [
      carla._id,
    ]);
  }
  for (const phone of ["4155550103", "415-555-0103", "+14155550103"]) {
    assert.deepEqual(await found(query().eq("primaryInfo.phone", phone)), [carla._id]);
  }
});

test("fields that the long table names can be asked for too", async () => {
  const [anna, bert, carla] = await everybody();
  const byName = (name) => (contact) => contact.info.name?.last === name;
  assert.deepEqual(await found(query().eq("info.emails.email", "ann@a.example")), [anna._id]);
  assert.deepEqual(await found(query().eq("info.phones.e164Phone", "+13125550102")), [bert._id]);
  assert.deepEqual(await found(query().startsWith("primaryPhone.formattedPhone", "+1 415")), [
    carla._id,
  ]);
  assert.deepEqual(
    await found(
      query().eq("info.extendedFields.emailSubscriptions.subscriptionStatus", "UNSUBSCRIBED"),
    ),
    await those(({ primaryInfo }) => primaryInfo?.email),
  );
  assert.deepEqual(await found(query().eq("info.name.last", "Cohn")), await those(byName("Cohn")));
});

test("custom fields filter and sort on their typed values", async () => {
  const key = "custom.shoe-size";
  const sizes = new Map();
  const site = withKey(server.otherKey, server.otherSiteId).contacts;
  for (const size of [9, 41, 41.5, 100]) {
    const { contact } = await site.createContact({
      ...emailed(freshEmail()),
      extendedFields: { items: { [key]: size } },
    });
    sizes.set(contact._id, size);
  }
  const field = `info.extendedFields.${key}`;
  const sizesOf = ({ items }) => items.map(({ _id }) => sizes.get(_id));
  const upwards = await site.queryContacts().gt(field, 9).ascending(field).find();
  assert.deepEqual(sizesOf(upwards), [41, 41.5, 100]);
  const downwards = await site.queryContacts().le(field, 41.5).descending(field).find();
  assert.deepEqual(sizesOf(downwards), [41.5, 41, 9]);
  assert.deepEqual(sizesOf(await site.queryContacts().eq(field, 41).find()), [41]);
});

test("the conditions of the builder that contacts do not know are refused", async () => {
  for (const condition of ["contains", "endsWith"]) {
    await refused(
      query()[condition]("info.company", "ol").find(),
      400,
      "UNSUPPORTED_FILTER_OPERATOR",
    );
  }
});

test("every method of the builder is tried in this file", () => {
  const tried = [
    ...Object.values(METHODS),
    "and or not between isEmpty isNotEmpty contains endsWith".split(" "),
    "ascending descending limit skip find".split(" "),
  ].flat();
  // What steers a cursor, the builder of contacts offers and does not support.
  const others = ["query", "skipTo"];
  assert.deepEqual(Object.keys(query()).sort(), [...tried, ...others].sort());
});

test("the typed form takes filters of any depth, projections and a total", async () => {
  const items = await everybody();
  const answer = await owner.contacts.queryContacts({
    filter: {
      $or: [
        { "info.company": "Bolt", "info.locale": { $exists: false } },
        { $not: { $or: [{ "info.birthdate": { $gte: "1900-01-01", $lt: "2100-01-01" } }] } },
      ],
    },
    sort: [{ fieldName: "_createdDate", order: "DESC" }],
    paging: { limit: 1, offset: 1 },
    fields: ["info.company", "createdDate"],
  });
  assert.deepEqual(ids(answer.contacts), [items[3]._id]);
  const shown = Object.keys({ info: {}, ...answer.contacts[0] });
  assert.deepEqual(shown.sort(), ["_createdDate", "_id", "info", "revision"]);
  checkPaging(answer.pagingMetadata, { count: 1, offset: 1, total: 2 });
  const basic = await owner.contacts.queryContacts({
    filter: { "info.company": "Acme" },
    fieldsets: ["BASIC"],
  });
  assert.deepEqual(Object.keys(basic.contacts[0]).sort(), [
    "_id",
    "info",
    "primaryInfo",
    "revision",
  ]);
});

test("the typed form takes the filters that the SDK's own helpers build", async () => {
  const { QueryBuilder, Filter, Sort } = contactsModule.utils.query;
  const built = QueryBuilder()
    .withFilter(
      Filter.and(
        Filter.or(Filter("info.company").eq("Bolt"), Filter("info.locale").in(["de", "es"])),
        Filter.not(Filter("info.jobTitle").startsWith("pil")),
        Filter("_createdDate").gt(new Date(0)).lt(new Date(4e12)),
      ),
    )
    .withSorting(Sort("_createdDate").desc())
    .withPaging({ limit: 2, offset: 1 })
    .build();
  const answer = await owner.contacts.queryContacts(built);
  const [, , carla, , eng] = await everybody();
  assert.deepEqual(ids(answer.contacts), ids([eng, carla]));
  checkPaging(answer.pagingMetadata, { count: 2, offset: 1, total: 3 });
});

test("the total can be left out", async () => {
  const answer = await owner.contacts.queryContacts({ filter: {} }, { omitTotal: true });
  assert.equal(answer.contacts.length, (await everybody()).length);
  assert.ok(!("total" in answer.pagingMetadata));
});

test("a cursor walks over everything", async () => {
  const items = await everybody();
  for (const [sort, expected] of [
    [undefined, ids(items)],
    [[{ fieldName: "_createdDate", order: "DESC" }], ids(items).reverse()],
    [[{ fieldName: "info.company", order: "ASC" }], undefined],
  ]) {
    const walked = [];
    let cursorPaging = { limit: 3 };
    for (;;) {
      const first = cursorPaging.cursor === undefined;
      const page = await owner.contacts.queryContacts({
        ...(first ? { filter: {}, sort: structuredClone(sort) } : {}),
        cursorPaging,
      });
      walked.push(...page.contacts);
      assert.ok(page.contacts.length <= 3);
      const { cursors, hasNext } = page.pagingMetadata;
      if (!hasNext) {
        assert.ok(!cursors?.next);
        break;
      }
      cursorPaging = { limit: 3, cursor: cursors.next };
    }
    const all = await owner.contacts.queryContacts({ filter: {}, sort: structuredClone(sort) });
    assert.deepEqual(walked, all.contacts);
    if (expected) assert.deepEqual(ids(walked), expected);
  }
});

test("a filter of another cursor, and what is no cursor, are refused", async () => {
  await everybody();
  const first = await owner.contacts.queryContacts({
    filter: { "info.company": { $exists: true } },
    cursorPaging: { limit: 1 },
  });
  const { next } = first.pagingMetadata.cursors;
  for (const other of [
    { filter: { "info.company": "Bolt" }, cursorPaging: { cursor: next } },
    { cursorPaging: { cursor: "nonsense" } },
    { cursorPaging: { limit: 1001 } },
  ]) {
    await assert.rejects(owner.contacts.queryContacts(other), ({ status }) => status === 400);
  }
});
