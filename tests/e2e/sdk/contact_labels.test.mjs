import assert from "node:assert/strict";
import test from "node:test";

import { created, person } from "./people.mjs";
import { checkContact } from "./shapes.mjs";
import { elsewhere, invalid, owner, refused, sent, unknownId } from "./surroundings.mjs";

async function label(name) {
  return (await owner.labels.findOrCreateLabel(name)).label.key;
}

const labelsOf = ({ contact }) => contact.info.labelKeys?.items ?? [];

test("labels are added after those there are, and no label twice", async () => {
  const contact = await created({ ...person(), labelKeys: { items: ["custom.contact"] } });
  const [risk, active] = [await label("At Risk"), await label("Active Customer")];
  const labelled = await owner.contacts.labelContact(contact._id, [risk, active]);
  assert.deepEqual(Object.keys(labelled), ["contact"]);
  checkContact(labelled.contact, 2);
  assert.deepEqual(labelsOf(labelled), [
    "custom.contact",
    "custom.at-risk",
    "custom.active-customer",
  ]);
  const again = await owner.contacts.labelContact(contact._id, [active, risk]);
  assert.deepEqual(again, labelled);
  assert.deepEqual(await owner.contacts.getContact(contact._id), labelled.contact);
});

test("labels of the system can be added", async () => {
  const contact = await created();
  const labelled = await owner.contacts.labelContact(contact._id, ["contacts.customers"]);
  assert.deepEqual(labelsOf(labelled), ["contacts.customers"]);
});

test("labels are removed by a DELETE that repeats their keys", async () => {
  const keys = [await label("One"), await label("Two"), await label("Three")];
  const contact = await created({ ...person(), labelKeys: { items: [...keys] } });
  const unlabelled = await owner.contacts.unlabelContact(contact._id, [keys[0], keys[2]]);
  checkContact(unlabelled.contact, 2);
  assert.deepEqual(labelsOf(unlabelled), [keys[1]]);
  const { verb, url, body } = sent.at(-1);
  assert.equal(verb, "DELETE");
  assert.equal(body, undefined);
  assert.deepEqual(url.searchParams.getAll("labelKeys"), [keys[0], keys[2]]);
  const again = await owner.contacts.unlabelContact(contact._id, [keys[0]]);
  assert.deepEqual(again, unlabelled);
  const none = await owner.contacts.unlabelContact(contact._id, [keys[1]]);
  assert.ok(!("labelKeys" in none.contact.info));
});

test("labels with odd keys can be added and removed", async () => {
  const keys = [await label("Größe & Maß"), await label("東京 ラーメン"), await label("a_b.c, d")];
  const contact = await created();
  const labelled = await owner.contacts.labelContact(contact._id, [...keys]);
  assert.deepEqual(labelsOf(labelled), keys);
  const unlabelled = await owner.contacts.unlabelContact(contact._id, [...keys]);
  assert.deepEqual(labelsOf(unlabelled), []);
});

test("a label that does not exist is refused, and nothing changes", async () => {
  const key = await label("Known");
  const contact = await created();
  for (const call of ["labelContact", "unlabelContact"]) {
    await refused(
      owner.contacts[call](contact._id, ["custom.nowhere", key, "custom.a b/c?d"]),
      404,
      "LABEL_NOT_FOUND",
      { labelKeys: ["custom.nowhere", "custom.a b/c?d"] },
    );
  }
  assert.deepEqual(await owner.contacts.getContact(contact._id), contact);
});

test("some keys are needed, and a hundred at most are taken", async () => {
  const contact = await created();
  const many = Array.from({ length: 101 }, (_, at) => `custom.label-${at}`);
  for (const call of ["labelContact", "unlabelContact"]) {
    await invalid(owner.contacts[call](contact._id, []), "labelKeys");
    await invalid(owner.contacts[call](contact._id, many), "labelKeys");
  }
});

test("an unknown contact, and one of another site, cannot be labelled", async () => {
  const contact = await created();
  const key = await label("Known");
  await elsewhere.labels.findOrCreateLabel("Known");
  for (const call of ["labelContact", "unlabelContact"]) {
    await refused(owner.contacts[call](unknownId, [key]), 404, "CONTACT_NOT_FOUND");
    await refused(elsewhere.contacts[call](contact._id, [key]), 404, "CONTACT_NOT_FOUND");
  }
});

test("a label is known to the site that has it alone", async () => {
  const key = await label("Ours");
  const { contact } = await elsewhere.contacts.createContact(person());
  await refused(elsewhere.contacts.labelContact(contact._id, [key]), 404, "LABEL_NOT_FOUND");
});

test("labels added at once are all there in the end", async () => {
  const contact = await created();
  const keys = await Promise.all(["Red", "Green", "Blue", "White"].map(label));
  await Promise.all(keys.map((key) => owner.contacts.labelContact(contact._id, [key])));
  const after = await owner.contacts.getContact(contact._id);
  assert.deepEqual([...after.info.labelKeys.items].sort(), [...keys].sort());
  assert.equal(after.revision, 1 + keys.length);
});
