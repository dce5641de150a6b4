import assert from "node:assert/strict";
import test from "node:test";

import { comparable, examples, withoutLaterFields } from "./examples.mjs";
import { created, emailed, everyPart, freshEmail, person } from "./people.mjs";
import { checkContact, checkPaging } from "./shapes.mjs";
import {
  elsewhere,
  ids,
  invalid,
  owner,
  refusal,
  refused,
  rest,
  seedCode,
  server,
  unknownId,
} from "./surroundings.mjs";

const BASIC = ["_id", "info", "primaryInfo", "revision"];

for (const [at, example] of examples.entries()) {
  test(`the seed's example ${at + 1} answers what the seed shows`, async () => {
    const info = structuredClone(example.info);
    const options = { allowDuplicates: true };
    const { contact } = await owner.contacts.createContact(info, options);
    const slip = { withoutPhone: at < 2 };
    const expected = comparable(example.result, slip);
    // Over HTTP the source follows the token: a key acts as the owner.
    expected.source = { sourceType: "ADMIN" };
    assert.deepEqual(withoutLaterFields(comparable(contact, { withoutPhone: false })), expected);
    checkContact(contact, 1);
    if (at === 2) {
      assert.equal(contact.info.emails.items[0]._id, example.info.emails.items[0]._id);
    }
    const again = await owner.contacts.getContact(contact._id);
    assert.deepEqual(again, contact);
  });
}

test("a server told that its keys are the site's own code answers the seed's source too", async () => {
  const example = examples[2];
  const { contact } = await seedCode.contacts.createContact(structuredClone(example.info), {
    allowDuplicates: true,
  });
  assert.deepEqual(
    withoutLaterFields(comparable(contact, { withoutPhone: false })),
    comparable(example.result, { withoutPhone: false }),
  );
});

test("every part that is written comes back in the SDK's names", async () => {
  const info = everyPart();
  const expected = structuredClone(info);
  const contact = await created(info);
  checkContact(contact, 1);
  assert.deepEqual(contact.info.name, expected.name);
  const [address] = contact.info.addresses.items;
  for (const [name, value] of Object.entries(expected.addresses.items[0].address)) {
    assert.deepEqual(address.address[name], value, name);
  }
  assert.equal(address.address.formatted, "3 Park Ave\nFloor 2\nNY, New York 10010\nUnited States");
  for (const name of ["company", "jobTitle", "birthdate", "locale", "labelKeys"]) {
    assert.deepEqual(contact.info[name], expected[name]);
  }
  assert.equal(contact.info.picture.image, expected.picture.image);
  assert.equal(contact.info.extendedFields.items["custom.nickname"], "Countess");
  assert.deepEqual(contact.primaryInfo, {
    email: expected.emails.items[0].email,
    phone: "6465676359",
  });
  assert.deepEqual(contact.source, { sourceType: "ADMIN" });
  assert.equal(contact.lastActivity.activityType, "CONTACT_CREATED");
});

test("a used e-mail is refused with the id of the contact that has it", async () => {
  const email = freshEmail();
  const contact = await created({ name: { first: "Ada" }, ...emailed(freshEmail(), email) });
  await refused(
    owner.contacts.createContact(person(email.toUpperCase())),
    409,
    "DUPLICATE_CONTACT_EXISTS",
    { duplicateContactId: contact._id, duplicateEmail: email.toUpperCase() },
  );
  const second = await created(person(email), { allowDuplicates: true });
  assert.notEqual(second._id, contact._id);
});

test("a used phone counts where no e-mail is given", async () => {
  const phones = () => ({ items: [{ phone: "2025550142", countryCode: "US" }] });
  const contact = await created({ phones: phones() });
  await refused(
    owner.contacts.createContact({ name: { first: "B" }, phones: phones() }),
    409,
    "DUPLICATE_CONTACT_EXISTS",
    { duplicateContactId: contact._id, duplicatePhone: contact.info.phones.items[0].phone },
  );
  await created({ ...person(), phones: phones() });
});

test("a contact without name, e-mail and phone is refused", async () => {
  await refused(owner.contacts.createContact({ company: "X" }), 400, "INSUFFICIENT_CONTACT_DATA");
  await invalid(owner.contacts.createContact(), "info");
});

test("two primary e-mails are refused", async () => {
  const items = [freshEmail(), freshEmail()].map((email) => ({ email, primary: true }));
  await refused(
    owner.contacts.createContact({ emails: { items } }),
    400,
    "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO",
  );
});

test("every problem of the input is named by its path", async () => {
  const error = await invalid(
    owner.contacts.createContact(
      {
        emails: { items: [{ email: "x" }, { email: freshEmail(), tag: "MOBILE" }] },
        birthdate: "25 April 1995",
      },
      { allowDuplicates: "perhaps" },
    ),
    "info.birthdate",
    "info.emails.items[0].email",
    "info.emails.items[1].tag",
    "options.allowDuplicates",
  );
  assert.deepEqual(
    error.details.validationError.fieldViolations
      .slice(0, 3)
      .map(({ violatedRule }) => violatedRule),
    ["FORMAT", "FORMAT", "INVALID_ENUM_VALUE"],
  );
});

test("more than fifty e-mails are refused", async () => {
  const info = emailed(...Array.from({ length: 51 }, freshEmail));
  const error = await invalid(owner.contacts.createContact(info), "info.emails.items");
  const [violation] = error.details.validationError.fieldViolations;
  assert.equal(violation.violatedRule, "MAX_SIZE");
  assert.equal(violation.data.threshold, 50);
});

test("an extended field refuses a value of another type", async () => {
  await created({ ...person(), extendedFields: { items: { "custom.age": 24 } } });
  const error = await refused(
    owner.contacts.createContact({
      ...person(),
      extendedFields: { items: { "custom.age": "old" } },
    }),
    400,
    "INVALID_EXTENDED_FIELD_VALUE",
  );
  assert.equal(error.details.applicationError.data.key, "custom.age");
});

test("a field whose key the SDK renames comes back under the name it was sent by", async () => {
  const contact = await created({ ...person(), extendedFields: { items: { "custom._id": "x" } } });
  assert.equal(contact.info.extendedFields.items["custom._id"], "x");
});

test("pictures by address and without a name come back too", async () => {
  for (const image of [
    "https://images.example/ada.png",
    "wix:image://v1/abc~mv2.png#originWidth=100&originHeight=80",
  ]) {
    const contact = await created({ ...person(), picture: { image } });
    assert.ok(
      contact.info.picture.image.startsWith(image.split("#")[0]),
      contact.info.picture.image,
    );
  }
});

test("getContact shows the parts asked for", async () => {
  const contact = await created(everyPart());
  const get = (options) => owner.contacts.getContact(contact._id, options);
  const basic = await get({ fieldsets: ["BASIC"] });
  assert.deepEqual(Object.keys(basic).sort(), BASIC);
  assert.deepEqual(basic.info, { name: { first: "Ada", last: "Byron" } });
  const reached = await get({ fieldsets: ["COMMUNICATION_DETAILS"] });
  assert.deepEqual(Object.keys(reached.info).sort(), ["addresses", "emails", "name", "phones"]);
  const extended = await get({ fieldsets: ["EXTENDED"] });
  assert.deepEqual(Object.keys(extended.info).sort(), ["extendedFields", "name"]);
  assert.deepEqual(await get({ fieldsets: ["FULL"] }), contact);
  const parts = await get({ fields: ["source", "info.company"] });
  assert.deepEqual(Object.keys(parts).sort(), ["_id", "info", "revision", "source"]);
  assert.deepEqual(parts.info, { company: "Engines" });
  const both = await get({ fields: ["info.company"], fieldsets: ["BASIC"] });
  assert.deepEqual(both.info, { name: { first: "Ada", last: "Byron" }, company: "Engines" });
  const dated = await get({ fields: ["_createdDate"] });
  assert.ok(dated._createdDate instanceof Date);
  await invalid(get({ fieldsets: ["SOME"] }), "options.fieldsets[0]");
});

test("an unknown contact is not found", async () => {
  for (const id of [unknownId, "a b/c?d"]) {
    assert.equal((await refusal(owner.contacts.getContact(id))).status, 404);
  }
  await refused(owner.contacts.getContact(unknownId), 404, "CONTACT_NOT_FOUND");
  const contact = await created();
  await refused(elsewhere.contacts.getContact(contact._id), 404, "CONTACT_NOT_FOUND");
});

test("a deleted contact is gone, and its e-mail free again", async () => {
  const email = freshEmail();
  const contact = await created(person(email));
  const nothing = await owner.contacts.deleteContact(contact._id);
  assert.ok(nothing === undefined || Object.keys(nothing).length === 0);
  await refused(owner.contacts.getContact(contact._id), 404, "CONTACT_NOT_FOUND");
  await refused(owner.contacts.deleteContact(contact._id), 404, "CONTACT_NOT_FOUND");
  await created(person(email));
});

test("a contact of another site cannot be deleted", async () => {
  const contact = await created();
  await refused(elsewhere.contacts.deleteContact(contact._id), 404, "CONTACT_NOT_FOUND");
  assert.deepEqual(await owner.contacts.getContact(contact._id), contact);
});

test("listContacts sorts, pages and shows the parts asked for", async () => {
  const made = [];
  for (const first of ["cara", "Abe", "Bea"]) {
    const { contact } = await elsewhere.contacts.createContact({ name: { first } });
    made.push(contact);
  }
  const [cara, abe, bea] = ids(made);
  const all = await elsewhere.contacts.listContacts();
  assert.deepEqual(all.contacts, made);
  checkPaging(all.pagingMetadata, { count: 3, total: 3 });

  const sort = { fieldName: "info.name.first" };
  const sorted = await elsewhere.contacts.listContacts({ sort });
  assert.deepEqual(ids(sorted.contacts), [abe, bea, cara]);
  const newest = await elsewhere.contacts.listContacts({
    sort: { fieldName: "_createdDate", order: "DESC" },
  });
  assert.deepEqual(ids(newest.contacts), [bea, abe, cara]);

  const page = await elsewhere.contacts.listContacts({ paging: { limit: 2, offset: 1 } });
  assert.deepEqual(ids(page.contacts), [abe, bea]);
  checkPaging(page.pagingMetadata, { count: 2, offset: 1, total: 3 });
  const none = await elsewhere.contacts.listContacts({ paging: { limit: 0 } });
  assert.deepEqual(none.contacts, []);
  checkPaging(none.pagingMetadata, { count: 0, total: 3 });
  const beyond = await elsewhere.contacts.listContacts({ paging: { offset: 3 } });
  assert.deepEqual(beyond.contacts, []);
  checkPaging(beyond.pagingMetadata, { count: 0, offset: 3, total: 3 });

  const shown = await elsewhere.contacts.listContacts({
    fields: ["info.name"],
    fieldsets: ["BASIC"],
  });
  for (const contact of shown.contacts) {
    assert.deepEqual(Object.keys({ primaryInfo: {}, ...contact }).sort(), BASIC);
    assert.deepEqual(Object.keys(contact.info), ["name"]);
  }
});

test("a thousand contacts fit on a page, and one more does not", async () => {
  await owner.contacts.listContacts({ paging: { limit: 1000 } });
  for (const paging of [{ limit: 1001 }, { limit: -1 }, { offset: -1 }]) {
    await refused(owner.contacts.listContacts({ paging }), 400, "ILLEGAL_LIMIT");
  }
});

test("both prefixes serve the same", async () => {
  const contact = await created();
  for (const prefix of ["", "/_api"]) {
    const answer = await rest("GET", `${prefix}/contacts/v4/contacts/${contact._id}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.body.contact.id, contact._id);
    assert.equal(answer.body.responseType, "REGULAR");
  }
});

test("the site's key shows no contact of the site beside it", async () => {
  const { contact } = await elsewhere.contacts.createContact(person());
  await refused(owner.contacts.getContact(contact._id), 404, "CONTACT_NOT_FOUND");
  assert.equal((await elsewhere.contacts.getContact(contact._id))._id, contact._id);
  assert.notEqual(server.siteId, server.otherSiteId);
});
