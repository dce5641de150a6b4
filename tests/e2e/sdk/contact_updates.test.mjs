import assert from "node:assert/strict";
import test from "node:test";

import { created, emailed, everyPart, freshEmail, person } from "./people.mjs";
import { checkContact } from "./shapes.mjs";
import { elsewhere, invalid, owner, refused, sleep, unknownId } from "./surroundings.mjs";

async function updated(contact, info, options = undefined) {
  const answer = await owner.contacts.updateContact(contact._id, info, contact.revision, options);
  assert.deepEqual(Object.keys(answer), ["contact"]);
  checkContact(answer.contact, contact.revision + 1);
  return answer.contact;
}

test("what an update names changes, everything else stays", async () => {
  const before = await created(everyPart());
  await sleep(3);
  const after = await updated(before, { company: "Looms" });
  assert.ok(after._updatedDate > before._updatedDate);
  const restored = { ...after, revision: 1, _updatedDate: before._updatedDate };
  restored.info = { ...after.info, company: "Engines" };
  assert.deepEqual(restored, before);
  assert.deepEqual(await owner.contacts.getContact(before._id), after);
});

test("a name is updated part by part", async () => {
  const contact = await updated(await created(), { name: { last: "King" } });
  assert.deepEqual(contact.info.name, { first: "Ada", last: "King" });
  const { items } = contact.info.extendedFields;
  assert.equal(items["contacts.displayByFirstName"], "Ada King");
  assert.equal(items["contacts.displayByLastName"], "King Ada");
});

test("phones are replaced as a whole, those that stay keep their ids", async () => {
  const before = await created(everyPart());
  const after = await updated(before, {
    phones: {
      items: [
        { phone: "6465676359", countryCode: "US", tag: "MOBILE", primary: true },
        { phone: "2421642341", countryCode: "US", tag: "HOME" },
      ],
    },
  });
  const [first, second] = after.info.phones.items;
  assert.equal(first._id, before.info.phones.items[0]._id);
  assert.equal(second.phone, "2421642341");
  assert.equal(second.primary, false);
  assert.ok(!("e164Phone" in second));
  assert.equal(after.primaryInfo.phone, "646-567-6359");
  assert.deepEqual(after.info.emails, before.info.emails);
  assert.deepEqual(after.info.addresses, before.info.addresses);
  assert.deepEqual(after.lastActivity, before.lastActivity);
});

test("an item named by its id may change and keeps it", async () => {
  const before = await created(everyPart());
  const { _id } = before.info.emails.items[0];
  const email = freshEmail();
  const after = await updated(before, { emails: { items: [{ _id, email }] } });
  assert.deepEqual(after.info.emails.items, [{ _id, tag: "UNTAGGED", email, primary: true }]);
  assert.equal(after.primaryInfo.email, email);
});

test("null and nothing clear", async () => {
  const before = await created(everyPart());
  const after = await updated(before, {
    company: "",
    jobTitle: null,
    addresses: { items: [] },
    labelKeys: { items: [] },
    phones: {},
    extendedFields: { items: { "custom.nickname": "" } },
  });
  for (const name of ["company", "jobTitle", "labelKeys"]) {
    assert.ok(!(name in after.info), name);
  }
  assert.deepEqual(after.info.addresses, {});
  assert.deepEqual(after.info.phones, {});
  assert.ok(!("custom.nickname" in after.info.extendedFields.items));
  assert.equal(after.info.birthdate, before.info.birthdate);
});

test("extended fields are updated key by key", async () => {
  const before = await created({
    ...person(),
    extendedFields: { items: { "custom.one": "1", "custom.two": "2" } },
  });
  const after = await updated(before, { extendedFields: { items: { "custom.two": "II" } } });
  assert.equal(after.info.extendedFields.items["custom.one"], "1");
  assert.equal(after.info.extendedFields.items["custom.two"], "II");
});

test("a contact that was shown can be sent back as it is", async () => {
  const before = await created(everyPart());
  const after = await updated(before, structuredClone(before.info));
  assert.deepEqual(after.info, before.info);
});

test("a revision can be used once", async () => {
  const contact = await created();
  await updated(contact, { company: "First" });
  await refused(
    owner.contacts.updateContact(contact._id, { company: "Second" }, contact.revision),
    409,
    "CONTACT_ALREADY_CHANGED",
  );
  assert.equal((await owner.contacts.getContact(contact._id)).info.company, "First");
});

test("an update needs a revision that is a number", async () => {
  const contact = await created();
  const update = (revision) =>
    owner.contacts.updateContact(contact._id, { company: "X" }, revision);
  await invalid(update(undefined), "revision");
  const { contact: after } = await update(String(contact.revision));
  assert.equal(after.revision, 2);
});

test("an e-mail of somebody else is refused, one's own is not", async () => {
  const email = freshEmail();
  const other = await created(person(email));
  const contact = await created();
  await refused(
    owner.contacts.updateContact(contact._id, emailed(email), contact.revision),
    409,
    "DUPLICATE_CONTACT_EXISTS",
    { duplicateContactId: other._id, duplicateEmail: email },
  );
  await updated(other, emailed(email, freshEmail()));
  await updated(contact, emailed(email), { allowDuplicates: true });
});

test("what would leave nothing to know a contact by is refused", async () => {
  const contact = await created({ name: { first: "Ada" } });
  const update = (info) => owner.contacts.updateContact(contact._id, info, contact.revision);
  await refused(update({ name: { first: "" } }), 400, "INSUFFICIENT_CONTACT_DATA");
  for (const nothing of [{}, undefined]) {
    await refused(update(nothing), 400, "INSUFFICIENT_UPDATE_CONTACT_DATA");
  }
  assert.deepEqual(await owner.contacts.getContact(contact._id), contact);
});

test("problems of an update are named as those of a new contact", async () => {
  const contact = await created();
  await invalid(
    owner.contacts.updateContact(
      contact._id,
      { emails: { items: [{ email: "x" }] }, birthdate: "soon" },
      contact.revision,
      { allowDuplicates: "perhaps" },
    ),
    "info.birthdate",
    "info.emails.items[0].email",
    "options.allowDuplicates",
  );
});

test("an unknown contact, and one of another site, cannot be updated", async () => {
  const contact = await created();
  for (const update of [
    () => owner.contacts.updateContact(unknownId, { company: "X" }, 1),
    () => elsewhere.contacts.updateContact(contact._id, { company: "X" }, 1),
  ]) {
    await refused(update(), 404, "CONTACT_NOT_FOUND");
  }
});

test("of updates with one revision at once, one wins", async () => {
  const contact = await created();
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, at) =>
      owner.contacts.updateContact(contact._id, { company: `Number ${at}` }, contact.revision),
    ),
  );
  const lost = results.filter(({ status }) => status === "rejected");
  assert.equal(lost.length, 7);
  for (const { reason } of lost) {
    assert.equal(reason.details.applicationError.code, "CONTACT_ALREADY_CHANGED");
  }
  assert.equal((await owner.contacts.getContact(contact._id)).revision, 2);
});
