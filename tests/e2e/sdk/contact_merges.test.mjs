import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import test from "node:test";

import { created, emailed, freshEmail, person } from "./people.mjs";
import { checkContact } from "./shapes.mjs";
import {
  elsewhere,
  ids,
  invalid,
  member,
  owner,
  refused,
  rest,
  unknownId,
} from "./surroundings.mjs";

const mergedOf = async (target, ...sources) =>
  (
    await owner.contacts.mergeContacts(target._id, target.revision, {
      sourceContactIds: ids(sources),
    })
  ).contact;

const addresses = (contact) => contact.info.emails.items.map(({ email }) => email);

async function three() {
  const shared = freshEmail();
  const target = await created({
    name: { first: "Ada" },
    ...emailed(freshEmail(), shared),
    labelKeys: { items: ["custom.target"] },
    extendedFields: { items: { "custom.food": "Tea" } },
  });
  const first = await created(
    {
      name: { first: "A.", last: "Byron" },
      ...emailed(shared.toUpperCase(), freshEmail()),
      company: "Engines",
      phones: { items: [{ phone: "2025550111", countryCode: "US", tag: "HOME", primary: true }] },
      labelKeys: { items: ["custom.first", "custom.target"] },
      extendedFields: { items: { "custom.food": "Cake", "custom.pet": "Cat" } },
    },
    { allowDuplicates: true },
  );
  const second = await created(
    {
      ...emailed(freshEmail()),
      company: "Looms",
      jobTitle: "Writer",
      phones: { items: [{ phone: "(202) 555-0111", countryCode: "US" }] },
      extendedFields: { items: { "custom.pet": "Dog" } },
    },
    { allowDuplicates: true },
  );
  return { target, first, second };
}

test("a merge appends lists, fills gaps and overwrites nothing", async () => {
  const { target, first, second } = await three();
  const contact = await mergedOf(target, first, second);
  checkContact(contact, target.revision + 1);
  assert.equal(contact._id, target._id);
  assert.deepEqual(contact.info.name, { first: "Ada" });
  assert.equal(contact.info.company, "Engines");
  assert.equal(contact.info.jobTitle, "Writer");
  assert.deepEqual(addresses(contact), [
    ...addresses(target),
    addresses(first)[1],
    addresses(second)[0],
  ]);
  assert.deepEqual(
    contact.info.emails.items.map(({ primary }) => primary),
    [true, false, false, false],
  );
  assert.equal(contact.info.emails.items[2]._id, first.info.emails.items[1]._id);
  assert.deepEqual(
    contact.info.phones.items.map(({ e164Phone, tag }) => [e164Phone, tag]),
    [["+12025550111", "HOME"]],
  );
  assert.deepEqual(contact.info.labelKeys.items, ["custom.target", "custom.first"]);
  assert.equal(contact.info.extendedFields.items["custom.food"], "Tea");
  assert.equal(contact.info.extendedFields.items["custom.pet"], "Cat");
  assert.equal(contact.lastActivity.activityType, "CONTACT_MERGED");
  assert.deepEqual(contact.lastActivity.activityDate, contact._updatedDate);
  assert.deepEqual(await owner.contacts.getContact(target._id), contact);
});

test("a preview shows the merge and changes nothing", async () => {
  const { target, first, second } = await three();
  const { contact } = await owner.contacts.previewMergeContacts(target._id, {
    sourceContactIds: ids([first, second]),
  });
  checkContact(contact);
  for (const one of [target, first, second]) {
    assert.deepEqual(await owner.contacts.getContact(one._id), one);
  }
  const merged = await mergedOf(target, first, second);
  assert.deepEqual(contact.info, merged.info);
});

test("the id of a merged contact answers the target, over a chain too", async () => {
  const [a, b, c] = [await created(), await created(), await created()];
  const afterFirst = await mergedOf(b, a);
  assert.deepEqual(await owner.contacts.getContact(a._id), afterFirst);
  const afterSecond = await mergedOf(c, afterFirst);
  for (const id of ids([a, b, c])) {
    assert.deepEqual(await owner.contacts.getContact(id), afterSecond);
    const { body } = await rest("GET", `/contacts/v4/contacts/${id}`);
    assert.equal(body.responseType, id === c._id ? "REGULAR" : "MERGED");
  }
  const basic = await owner.contacts.getContact(a._id, { fieldsets: ["BASIC"] });
  assert.equal(basic._id, c._id);
  assert.ok(!("emails" in basic.info));
});

test("a merged contact is gone for every other call", async () => {
  const [source, target] = [await created(), await created()];
  await mergedOf(target, source);
  await owner.labels.findOrCreateLabel("Some");
  const id = source._id;
  for (const call of [
    () => owner.contacts.updateContact(id, { company: "X" }, 1),
    () => owner.contacts.deleteContact(id),
    () => owner.contacts.labelContact(id, ["custom.some"]),
    () => owner.contacts.unlabelContact(id, ["custom.some"]),
    () => owner.contacts.mergeContacts(id, 1, { sourceContactIds: [target._id] }),
    () => owner.contacts.mergeContacts(target._id, 2, { sourceContactIds: [id] }),
    () => owner.contacts.previewMergeContacts(id, { sourceContactIds: [target._id] }),
  ]) {
    await refused(call(), 404, "CONTACT_NOT_FOUND");
  }
  const found = await owner.contacts.queryContacts().eq("_id", id).find();
  assert.equal(found.totalCount, 0);
});

test("the target has the sources' e-mails, so nobody else may take them", async () => {
  const email = freshEmail();
  const [source, target] = [await created(person(email)), await created()];
  await mergedOf(target, source);
  const error = await refused(
    owner.contacts.createContact(person(email)),
    409,
    "DUPLICATE_CONTACT_EXISTS",
  );
  assert.equal(error.details.applicationError.data.duplicateContactId, target._id);
});

test("a merge with itself, or of one source twice, is illegal", async () => {
  const [source, target] = [await created(), await created()];
  for (const sources of [[target._id], [source._id, target._id], [source._id, source._id]]) {
    const options = () => ({ sourceContactIds: [...sources] });
    await refused(owner.contacts.mergeContacts(target._id, 1, options()), 400, "ILLEGAL_MERGE");
    await refused(owner.contacts.previewMergeContacts(target._id, options()), 400, "ILLEGAL_MERGE");
  }
});

test("more than fifty e-mails are an illegal merge", async () => {
  const many = () => created(emailed(...Array.from({ length: 26 }, freshEmail)));
  const [source, target] = [await many(), await many()];
  const options = { sourceContactIds: [source._id] };
  await refused(owner.contacts.mergeContacts(target._id, 1, options), 400, "ILLEGAL_MERGE");
  assert.deepEqual(await owner.contacts.getContact(source._id), source);
});

test("a revision that is not the target's fails the precondition", async () => {
  const [source, target] = [await created(), await created()];
  const options = { sourceContactIds: [source._id] };
  await refused(owner.contacts.mergeContacts(target._id, 7, options), 428, "FAILED_PRECONDITION");
  assert.deepEqual(await owner.contacts.getContact(source._id), source);
});

test("a member cannot be a source, but a target", async () => {
  const client = await member("merged-member");
  const email = freshEmail();
  const { contactId } = await client.submittedContact.appendOrCreateContact({
    info: person(email),
  });
  const theirs = await owner.contacts.getContact(contactId);
  const other = await created();
  const source = { sourceContactIds: [contactId] };
  await refused(
    owner.contacts.mergeContacts(other._id, other.revision, source),
    428,
    "FAILED_PRECONDITION",
  );
  await refused(owner.contacts.previewMergeContacts(other._id, source), 428, "FAILED_PRECONDITION");
  const contact = await mergedOf(theirs, other);
  assert.equal(contact._id, contactId);
});

test("one to five sources are asked for", async () => {
  const target = await created();
  const merge = (sourceContactIds) =>
    owner.contacts.mergeContacts(target._id, 1, { sourceContactIds });
  await invalid(merge([]), "options.sourceContactIds");
  await invalid(merge(Array.from({ length: 6 }, randomUUID)), "options.sourceContactIds");
  await invalid(merge(["x"]), "options.sourceContactIds[0]");
  await invalid(
    owner.contacts.mergeContacts(target._id, undefined, { sourceContactIds: [unknownId] }),
    "targetContactRevision",
  );
  await invalid(
    owner.contacts.previewMergeContacts(target._id, { sourceContactIds: [] }),
    "options.sourceContactIds",
  );
});

test("unknown contacts, and those of another site, cannot be merged", async () => {
  const [source, target] = [await created(), await created()];
  const { contact: foreign } = await elsewhere.contacts.createContact(person());
  for (const [to, from] of [
    [unknownId, source._id],
    [target._id, unknownId],
    [target._id, foreign._id],
    [foreign._id, source._id],
  ]) {
    const options = () => ({ sourceContactIds: [from] });
    await refused(owner.contacts.mergeContacts(to, 1, options()), 404, "CONTACT_NOT_FOUND");
    await refused(owner.contacts.previewMergeContacts(to, options()), 404, "CONTACT_NOT_FOUND");
  }
});
