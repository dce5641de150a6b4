// Every error code that the SDK's types declare: provoked, or said why it cannot be.
import assert from "node:assert/strict";
import test from "node:test";

import { created, emailed, freshEmail, person } from "./people.mjs";
import {
  eager,
  invalid,
  member,
  modules,
  owner,
  refusal,
  refused,
  rest,
  server,
  unknownId,
  visitor,
} from "./surroundings.mjs";
import { errorCodes } from "./typings.mjs";

const twoPrimary = () => ({
  emails: { items: [freshEmail(), freshEmail()].map((email) => ({ email, primary: true })) },
});
const badField = () => ({ ...person(), extendedFields: { items: { "unknown.field": "x" } } });
const update = async (info, { revision, id } = {}) => {
  const contact = await created();
  return owner.contacts.updateContact(id ?? contact._id, info, revision ?? contact.revision);
};
const merge = async (call, sources, { target, revision } = {}) => {
  const { _id } = target ?? (await created());
  const options = { sourceContactIds: await sources({ _id }) };
  return call === "mergeContacts"
    ? owner.contacts.mergeContacts(_id, revision ?? 1, options)
    : owner.contacts.previewMergeContacts(_id, options);
};
let members = 0;
async function memberContact() {
  members += 1;
  const client = await member(`refused-member-${members}`);
  const answer = await client.submittedContact.appendOrCreateContact({ info: person() });
  return owner.contacts.getContact(answer.contactId);
}
const duplicate = async (again) => {
  const email = freshEmail();
  await created(person(email));
  return again(person(email));
};
const filtered = (noun, query) => (filter) => noun[query]({ filter });
const contactsBy = filtered(owner.contacts, "queryContacts");

const mergeErrors = (call) => ({
  CONTACT_NOT_FOUND: [404, () => merge(call, () => [unknownId])],
  FAILED_PRECONDITION: [428, () => merge(call, async () => [(await memberContact())._id])],
  ILLEGAL_MERGE: [400, () => merge(call, ({ _id }) => [_id])],
});
const listErrors = {
  UNSUPPORTED_SORT_FIELD: [
    400,
    () => owner.contacts.listContacts({ sort: { fieldName: "updatedDate" } }),
  ],
  ILLEGAL_LIMIT: [400, () => owner.contacts.listContacts({ paging: { limit: 1001 } })],
};
const definitionErrors = (noun, query) => ({
  INVALID_SORT: [400, () => noun[query]().ascending("key").find()],
  MALFORMED_FILTER: [400, () => noun[query]({ filter: "displayName = x" })],
  UNSUPPORTED_FILTER: [400, () => noun[query]({ filter: { $nor: [{ key: "x" }] } })],
  UNSUPPORTED_FILTER_FIELD: [400, () => noun[query]().eq("colour", "red").find()],
  UNSUPPORTED_FILTER_OPERATOR: [400, () => noun[query]({ filter: { namespace: { $in: ["x"] } } })],
  UNSUPPORTED_FILTER_VALUE: [400, () => noun[query]().gt("_createdDate", "soon").find()],
});
// Held by a site full of them, in the tests of labels and fields.
const ELSEWHERE = ["LABELS_QUOTA_REACHED", "FIELDS_QUOTA_EXCEEDED"];

const PROVOKED = {
  createContact: {
    DUPLICATE_CONTACT_EXISTS: [409, () => duplicate((info) => owner.contacts.createContact(info))],
    INSUFFICIENT_CONTACT_DATA: [400, () => owner.contacts.createContact({ company: "X" })],
    CANNOT_HAVE_MULTIPLE_PRIMARY_INFO: [400, () => owner.contacts.createContact(twoPrimary())],
    INVALID_EXTENDED_FIELD_VALUE: [400, () => owner.contacts.createContact(badField())],
  },
  updateContact: {
    DUPLICATE_CONTACT_EXISTS: [409, () => duplicate((info) => update(info))],
    CONTACT_ALREADY_CHANGED: [409, () => update({ company: "X" }, { revision: 7 })],
    INSUFFICIENT_CONTACT_DATA: [400, () => update({ name: { first: "", last: "" }, emails: {} })],
    CONTACT_NOT_FOUND: [404, () => update({ company: "X" }, { id: unknownId })],
    INSUFFICIENT_UPDATE_CONTACT_DATA: [400, () => update({})],
    CANNOT_HAVE_MULTIPLE_PRIMARY_INFO: [400, () => update(twoPrimary())],
    INVALID_EXTENDED_FIELD_VALUE: [400, () => update(badField())],
    CANNOT_UPDATE_MEMBER_EMAIL: [
      428,
      async () => {
        const { _id, revision } = await memberContact();
        return owner.contacts.updateContact(_id, emailed(freshEmail()), revision);
      },
    ],
  },
  mergeContacts: mergeErrors("mergeContacts"),
  previewMergeContacts: mergeErrors("previewMergeContacts"),
  deleteContact: {
    CANNOT_DELETE_MEMBER: [
      428,
      async () => owner.contacts.deleteContact((await memberContact())._id),
    ],
  },
  labelContact: {
    CONTACT_NOT_FOUND: [404, () => owner.contacts.labelContact(unknownId, ["contacts.customers"])],
  },
  unlabelContact: {
    CONTACT_NOT_FOUND: [
      404,
      () => owner.contacts.unlabelContact(unknownId, ["contacts.customers"]),
    ],
  },
  getContact: { CONTACT_NOT_FOUND: [404, () => owner.contacts.getContact(unknownId)] },
  listContacts: listErrors,
  queryContacts: {
    UNSUPPORTED_SORT_FIELD: [
      400,
      () => owner.contacts.queryContacts().ascending("_updatedDate").find(),
    ],
    ILLEGAL_LIMIT: [400, () => owner.contacts.queryContacts().limit(1001).find()],
    MALFORMED_FILTER: [400, () => contactsBy("info.company = X")],
    UNSUPPORTED_FILTER: [400, () => contactsBy({ $nor: [{ "info.company": "X" }] })],
    UNSUPPORTED_FILTER_FIELD_UNKNOWN: [
      400,
      () => contactsBy({ "info.emails.items.email": "x@x.example" }),
    ],
    UNSUPPORTED_FILTER_OPERATOR: [400, () => contactsBy({ "info.company": { $contains: "x" } })],
    UNSUPPORTED_FILTER_VALUE: [400, () => contactsBy({ _createdDate: { $gt: "soon" } })],
    UNSUPPORTED_FILTER_VALUE_TYPE: [400, () => contactsBy({ "info.company": 5 })],
  },
  bulkDeleteContacts: {
    NEITHER_FILTER_NOR_SEARCH: [400, () => owner.contacts.bulkDeleteContacts({})],
  },
  bulkLabelAndUnlabelContacts: {
    NEITHER_FILTER_NOR_SEARCH: [
      400,
      () => owner.contacts.bulkLabelAndUnlabelContacts({ labelKeysToAdd: ["contacts.customers"] }),
    ],
  },
  findOrCreateLabel: {},
  queryLabels: definitionErrors(owner.labels, "queryLabels"),
  findOrCreateExtendedField: {},
  queryExtendedFields: definitionErrors(owner.extendedFields, "queryExtendedFields"),
  appendOrCreateContact: {
    INSUFFICIENT_CONTACT_DATA: [400, () => visitor().submittedContact.appendOrCreateContact({})],
    INSUFFICIENT_PERMISSION: [
      403,
      () =>
        visitor().submittedContact.appendOrCreateContact({ contactId: unknownId, info: person() }),
    ],
    CONTACT_NOT_FOUND: [
      404,
      () => owner.submittedContact.appendOrCreateContact({ contactId: unknownId, info: person() }),
    ],
    CANNOT_HAVE_MULTIPLE_PRIMARY_INFO: [
      400,
      () => visitor().submittedContact.appendOrCreateContact({ info: twoPrimary() }),
    ],
  },
};

const UNREACHABLE = {
  createContact: { CONTACT_ID_ALREADY_EXISTS: "no caller chooses the id" },
  deleteContact: {
    CANNOT_DELETE_CONTACT_WITH_BILLING_SUBSCRIPTION: "there are no subscriptions here",
    CANNOT_DELETE_MEMBER_OWNER_OR_CONTRIBUTOR: "the SDK cannot ask to delete the member",
    FAILED_DELETE_CONTACT_AFTER_MEMBER_DELETION: "the SDK cannot ask to delete the member",
  },
};

test("every code that the types declare is provoked, or cannot be", () => {
  const declared = Object.assign({}, ...Object.keys(modules).map(errorCodes));
  const known = Object.fromEntries(
    Object.entries(PROVOKED).map(([name, codes]) => [
      name,
      [...Object.keys(codes), ...Object.keys(UNREACHABLE[name] ?? {})].sort(),
    ]),
  );
  const expected = Object.fromEntries(
    Object.entries(declared).map(([name, codes]) => [
      name,
      codes.filter((code) => !ELSEWHERE.includes(code)).sort(),
    ]),
  );
  assert.deepEqual(known, expected);
});

for (const [name, codes] of Object.entries(PROVOKED)) {
  for (const [code, [status, provoke]] of Object.entries(codes)) {
    test(`${name} answers ${code} with ${status}`, async () => {
      await refused(provoke(), status, code);
    });
  }
}

test("what a filter's error is about is named", async () => {
  for (const [filter, code, path, told] of [
    [
      { "info.company": { $contains: "x" } },
      "UNSUPPORTED_FILTER_OPERATOR",
      "query.filter.info.company.$contains",
      /startsWith/,
    ],
    [
      { $and: [{ "info.emails.items.email": "x" }] },
      "UNSUPPORTED_FILTER_FIELD_UNKNOWN",
      "query.filter.$and[0].info.emails.items.email",
      /info\.emails\.email/,
    ],
    [
      { "info.compny": "x" },
      "UNSUPPORTED_FILTER_FIELD_UNKNOWN",
      "query.filter.info.compny",
      /info\.company/,
    ],
  ]) {
    const error = await refused(contactsBy(filter), 400, code);
    assert.equal(error.details.applicationError.data.path, path);
    assert.match(error.message, told);
  }
});

test("labels and fields that do not exist are not found", async () => {
  for (const call of [
    () => owner.labels.getLabel("custom.nowhere"),
    () => owner.labels.deleteLabel("custom.nowhere"),
    () => owner.extendedFields.getExtendedField("custom.nowhere"),
    () => owner.extendedFields.deleteExtendedField("custom.nowhere"),
    () => owner.extendedFields.renameExtendedField("custom.nowhere", { displayName: "X" }),
  ]) {
    const error = await refusal(call());
    assert.equal(error.status, 404);
    assert.match(error.details.applicationError.code, /NOT_FOUND$/);
  }
});

test("violations are renamed to the arguments of the function", async () => {
  const { _id } = await created();
  const wrong = { limit: "many" };
  for (const [call, ...fields] of [
    [
      () => owner.contacts.createContact(person(), { allowDuplicates: "x" }),
      "options.allowDuplicates",
    ],
    [() => owner.contacts.updateContact(_id, emailed("x"), 1), "info.emails.items[0].email"],
    [() => owner.contacts.updateContact(_id, { company: "X" }, "x"), "revision"],
    [() => owner.contacts.getContact(_id, { fieldsets: ["X"] }), "options.fieldsets[0]"],
    [() => owner.contacts.labelContact(_id, []), "labelKeys"],
    [
      () => owner.contacts.mergeContacts(_id, "x", { sourceContactIds: ["y"] }),
      "options.sourceContactIds[0]",
      "targetContactRevision",
    ],
    [() => owner.labels.listLabels({ paging: wrong }), "options.paging.limit"],
    [
      () => owner.labels.getLabel("contacts.customers", { language: "english" }),
      "options.language",
    ],
    [() => owner.extendedFields.listExtendedFields({ paging: wrong }), "options.paging.limit"],
    [
      () => visitor().submittedContact.appendOrCreateContact({ info: emailed("x") }),
      "options.info.emails.items[0].email",
    ],
  ]) {
    await invalid(call(), ...fields);
  }
});

test("who calls too often, or sends too much, is refused", async () => {
  await refused(
    owner.contacts.createContact({ ...person(), company: "x".repeat(2_000_000) }),
    413,
    "REQUEST_TOO_LARGE",
  );
  for (let call = 0; call < server.callsPerMinute; call += 1) await eager.contacts.listContacts();
  // Should a minute end just now, as many calls once more are enough.
  const more = Array.from({ length: server.callsPerMinute + 1 }, () =>
    eager.contacts.listContacts(),
  );
  const answers = await Promise.allSettled(more);
  const { reason } = answers.find(({ status }) => status === "rejected");
  await refused(Promise.reject(reason), 429, "RESOURCE_EXHAUSTED");
});

test("what the SDK never sends is refused in words that help", async () => {
  const { _id } = await created();
  const query = "/contacts/v4/contacts/query";
  for (const [path, body, help] of [
    [`/contacts/v4/contacts/${_id}/labels/remove`, { labelKeys: ["custom.x"] }, /DELETE/],
    [query, { query: { filter: "{}" } }, /object/],
    [query, { query: { paging: { cursor: "x" } } }, /cursorPaging/],
    [query, { query: { filter: { "info.emails.items.email": "x" } } }, /info\.emails\.email/],
  ]) {
    const answer = await rest("POST", path, body);
    assert.ok(answer.status >= 400 && answer.status < 500, path);
    assert.match(answer.body.message, help);
  }
});
