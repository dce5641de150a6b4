import assert from "node:assert/strict";
import test from "node:test";

import { created, emailed, everyPart, freshEmail, person } from "./people.mjs";
import { checkContact } from "./shapes.mjs";
import {
  app,
  GUID,
  invalid,
  member,
  owner,
  refused,
  server,
  sleep,
  unknownId,
  visitor,
  withKey,
} from "./surroundings.mjs";

const submit = async (client, options) => {
  const answer = await client.submittedContact.appendOrCreateContact(options);
  assert.deepEqual(Object.keys(answer).sort(), ["contactId", "identityType", "newContact"]);
  assert.match(answer.contactId, GUID);
  return answer;
};
const submitted = async (client, info) => {
  const { contactId, identityType, newContact } = await submit(client, { info });
  return { contactId, told: [identityType, newContact] };
};

test("a visitor's first submission makes a contact, of every part that was sent", async () => {
  const info = everyPart();
  const { contactId, told } = await submitted(visitor(), structuredClone(info));
  assert.deepEqual(told, ["CONTACT", true]);
  const contact = await owner.contacts.getContact(contactId);
  checkContact(contact, 1);
  assert.deepEqual(contact.info.name, info.name);
  assert.equal(contact.info.addresses.items[0].address.addressLine1, "3 Park Ave");
  assert.equal(contact.info.picture.image, info.picture.image);
  assert.deepEqual(contact.source, { sourceType: "WIX_FORMS" });
});

test("a known e-mail appends: gaps are filled and nothing is overwritten", async () => {
  const email = freshEmail();
  const before = await created({
    ...person(email),
    company: "Engines",
    extendedFields: { items: { "custom.food": "Tea" } },
  });
  await sleep(3);
  const { contactId, told } = await submitted(visitor(), {
    name: { first: "Somebody", last: "Else" },
    ...emailed(email.toUpperCase(), freshEmail()),
    phones: { items: [{ phone: "2025550121", countryCode: "US", primary: true }] },
    company: "Looms",
    jobTitle: "Writer",
    extendedFields: { items: { "custom.food": "Cake", "custom.pet": "Cat" } },
  });
  assert.deepEqual(told, ["CONTACT", false]);
  assert.equal(contactId, before._id);
  const after = await owner.contacts.getContact(contactId);
  assert.equal(after.revision, 2);
  assert.deepEqual(after.info.name, before.info.name);
  assert.equal(after.info.company, "Engines");
  assert.equal(after.info.jobTitle, "Writer");
  assert.equal(after.info.emails.items.length, 2);
  assert.deepEqual(after.info.emails.items[0], before.info.emails.items[0]);
  assert.equal(after.info.emails.items[1].primary, false);
  assert.equal(after.info.phones.items[0].e164Phone, "+12025550121");
  assert.equal(after.info.extendedFields.items["custom.food"], "Tea");
  assert.equal(after.info.extendedFields.items["custom.pet"], "Cat");
  assert.deepEqual(after.source, before.source);
  assert.ok(after.lastActivity.activityDate > before.lastActivity.activityDate);
});

test("a known phone appends too, and an e-mail goes before it", async () => {
  const phones = () => ({ items: [{ phone: "2025550122", countryCode: "US" }] });
  const [byPhone, email] = [await created({ phones: phones() }), freshEmail()];
  const found = await submitted(visitor(), { phones: phones(), company: "Looms" });
  assert.deepEqual([found.contactId, ...found.told], [byPhone._id, "CONTACT", false]);
  const byEmail = await created(person(email));
  const both = await submitted(visitor(), { ...emailed(email), phones: phones() });
  assert.equal(both.contactId, byEmail._id);
});

test("a visitor who has a contact goes on with it", async () => {
  const client = visitor();
  const first = await submitted(client, person());
  const second = await submitted(client, { company: "Looms" });
  assert.deepEqual([second.contactId, ...second.told], [first.contactId, "CONTACT", false]);
  const contact = await owner.contacts.getContact(first.contactId);
  assert.equal(contact.info.company, "Looms");
  const another = await submitted(visitor(), person());
  assert.notEqual(another.contactId, first.contactId);
});

test("a member writes the member's own contact", async () => {
  const client = await member("member-1");
  const first = await submitted(client, person());
  assert.equal(first.told[0], "MEMBER");
  const email = freshEmail();
  const other = await created(person(email));
  const second = await submitted(await member("member-1"), { ...emailed(email), company: "Looms" });
  assert.deepEqual([second.contactId, ...second.told], [first.contactId, "MEMBER", false]);
  assert.notEqual(second.contactId, other._id);
  assert.equal((await owner.contacts.getContact(first.contactId)).info.company, "Looms");
  assert.deepEqual(await owner.contacts.getContact(other._id), other);
});

test("somebody who is not signed in writes nothing to a member's contact", async () => {
  const email = freshEmail();
  const { contactId } = await submitted(await member("member-2"), person(email));
  const before = await owner.contacts.getContact(contactId);
  const { told } = await submitted(visitor(), { ...emailed(email), company: "Looms" });
  assert.deepEqual(told, ["NOT_AUTHENTICATED_MEMBER", false]);
  assert.deepEqual(await owner.contacts.getContact(contactId), before);
});

test("an app and a key submit as well, and may name the contact", async () => {
  const own = await submitted(app, person());
  assert.deepEqual(own.told, ["CONTACT", true]);
  const { source } = await owner.contacts.getContact(own.contactId);
  assert.deepEqual(source, { sourceType: "WIX_APP", appId: server.appId });
  for (const client of [app, owner]) {
    const contact = await created();
    const named = await submit(client, {
      contactId: contact._id,
      info: { jobTitle: "Writer" },
      passThroughData: "from a test",
    });
    assert.deepEqual(named, { contactId: contact._id, identityType: "CONTACT", newContact: false });
    const after = await owner.contacts.getContact(contact._id);
    assert.equal(after.info.jobTitle, "Writer");
  }
});

test("naming the contact needs a permission of its own", async () => {
  const contact = await created();
  const options = () => ({ contactId: contact._id, info: { company: "X" } });
  const limited = withKey(server.keysWithout["CONTACTS.SUBMIT_WITH_OVERRIDES"]);
  for (const client of [visitor(), await member("member-3"), limited]) {
    await refused(
      client.submittedContact.appendOrCreateContact(options()),
      403,
      "INSUFFICIENT_PERMISSION",
    );
  }
  assert.deepEqual(await owner.contacts.getContact(contact._id), contact);
  await refused(
    app.submittedContact.appendOrCreateContact({ contactId: unknownId, info: person() }),
    404,
    "CONTACT_NOT_FOUND",
  );
});

test("who cannot be told from anybody is refused", async () => {
  const { appendOrCreateContact } = visitor().submittedContact;
  // A bare info is what people send by mistake: the SDK takes nothing of it over.
  for (const nothing of [{ info: { company: "X" } }, {}, person()]) {
    await refused(appendOrCreateContact(nothing), 400, "INSUFFICIENT_CONTACT_DATA");
  }
  const items = [freshEmail(), freshEmail()].map((email) => ({ email, primary: true }));
  await refused(
    appendOrCreateContact({ info: { emails: { items } } }),
    400,
    "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO",
  );
  await invalid(
    appendOrCreateContact({ info: { ...emailed("x"), birthdate: "soon" } }),
    "options.info.birthdate",
    "options.info.emails.items[0].email",
  );
  await invalid(
    app.submittedContact.appendOrCreateContact({
      info: person(),
      passThroughData: "x".repeat(301),
      contactId: "x",
    }),
    "options.contactId",
    "options.passThroughData",
  );
});

test("submissions of one e-mail at once make one contact", async () => {
  const email = freshEmail();
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => submitted(visitor(), emailed(email))),
  );
  assert.equal(new Set(answers.map(({ contactId }) => contactId)).size, 1);
  assert.equal(answers.filter(({ told: [, isNew] }) => isNew).length, 1);
});
