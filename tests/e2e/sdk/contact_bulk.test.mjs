import assert from "node:assert/strict";
import test from "node:test";

import { created, emailed, freshEmail, person } from "./people.mjs";
import {
  elsewhere,
  GUID,
  ids,
  member,
  owner,
  refusal,
  refused,
  rest,
  sleep,
  unknownId,
} from "./surroundings.mjs";

const JOBS = "/contacts/v4/bulk/jobs";
const CALLS = ["bulkDeleteContacts", "bulkUpdateContacts", "bulkLabelAndUnlabelContacts"];

// The SDK has no function for jobs: what it starts is followed by the API itself.
async function finished({ jobId, ...others }) {
  assert.match(jobId, GUID);
  assert.deepEqual(others, {});
  for (let ends = Date.now() + 10_000; Date.now() < ends; await sleep(20)) {
    const { status, body } = await rest("GET", `${JOBS}/${jobId}`);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body), ["job"]);
    if (body.job.status === "COMPLETED") return checked(body.job, jobId);
    assert.match(body.job.status, /^(NEW|LOADING|RUNNING|INDEXING)$/);
  }
  throw new Error("the job did not end");
}

function checked(job, id) {
  assert.equal(job.id, id);
  assert.ok(new Date(job.finishedDate) >= new Date(job.startedDate));
  assert.equal(job.successTotal + job.failedTotal, job.totalItems);
  const failed = (job.errors ?? []).reduce((sum, { count }) => sum + count, 0);
  assert.equal(failed, job.failedTotal);
  return job;
}

const told = ({ type, totalItems, successTotal, failedTotal }) => [
  type,
  totalItems,
  successTotal,
  failedTotal,
];

let number = 0;
async function group(size) {
  number += 1;
  const company = `Group ${number}`;
  const made = [];
  for (let at = 0; at < size; at += 1) made.push(await created({ ...person(), company }));
  return { company, made, filter: () => ({ "info.company": company }) };
}
const total = async (filter) =>
  (await owner.contacts.queryContacts({ filter })).pagingMetadata.total;

test("contacts are deleted by a filter", async () => {
  const { made, filter } = await group(3);
  const { made: others } = await group(1);
  const job = await finished(await owner.contacts.bulkDeleteContacts({ filter: filter() }));
  assert.deepEqual(told(job), ["DELETE", 3, 3, 0]);
  for (const id of ids(made)) {
    await refused(owner.contacts.getContact(id), 404, "CONTACT_NOT_FOUND");
  }
  assert.deepEqual(await owner.contacts.getContact(others[0]._id), others[0]);
});

test("contacts are deleted by what is searched for exactly, and by both", async () => {
  const email = freshEmail();
  await created({ name: { first: "Exact", last: "Match" }, ...emailed(email) });
  const { made } = await group(1);
  const delete_ = async (options) => finished(await owner.contacts.bulkDeleteContacts(options));
  assert.deepEqual(told(await delete_({ search: "exa" })), ["DELETE", 0, 0, 0]);
  const search = email.toUpperCase();
  const nobody = await delete_({ search, filter: { "info.company": made[0].info.company } });
  assert.equal(nobody.totalItems, 0);
  assert.deepEqual(told(await delete_({ search })), ["DELETE", 1, 1, 0]);
});

test("contacts are updated by a filter", async () => {
  const { made, filter, company } = await group(3);
  const job = await finished(
    await owner.contacts.bulkUpdateContacts({
      filter: filter(),
      info: {
        jobTitle: "Pilot",
        addresses: { items: [{ address: { addressLine1: "3 Park Ave", country: "US" } }] },
        extendedFields: { items: { "custom.team": "Red" } },
      },
    }),
  );
  assert.deepEqual(told(job), ["UPDATE", 3, 3, 0]);
  for (const id of ids(made)) {
    const contact = await owner.contacts.getContact(id);
    assert.equal(contact.revision, 2);
    assert.equal(contact.info.jobTitle, "Pilot");
    assert.equal(contact.info.company, company);
    assert.equal(contact.info.addresses.items[0].address.addressLine1, "3 Park Ave");
    assert.equal(contact.info.extendedFields.items["custom.team"], "Red");
  }
});

test("what cannot be done to one contact is told by its job", async () => {
  const { filter, made } = await group(3);
  const email = freshEmail();
  const job = await finished(
    await owner.contacts.bulkUpdateContacts({ filter: filter(), info: emailed(email) }),
  );
  assert.deepEqual(told(job), ["UPDATE", 3, 1, 2]);
  assert.deepEqual(
    job.errors.map(({ code, count }) => [code, count]),
    [["DUPLICATE_CONTACT_EXISTS", 2]],
  );
  assert.ok(job.errors[0].message);
  const revisions = await Promise.all(
    ids(made).map(async (id) => (await owner.contacts.getContact(id)).revision),
  );
  assert.deepEqual(revisions.sort(), [1, 1, 2]);
});

test("labels are added and removed by a filter", async () => {
  const { made, filter } = await group(2);
  const { key } = (await owner.labels.findOrCreateLabel("Bulk")).label;
  const { key: other } = (await owner.labels.findOrCreateLabel("Other")).label;
  const run = async (labels) =>
    finished(await owner.contacts.bulkLabelAndUnlabelContacts({ filter: filter(), ...labels }));
  const labelsOf = async (contact) =>
    (await owner.contacts.getContact(contact._id)).info.labelKeys?.items ?? [];
  assert.deepEqual(told(await run({ labelKeysToAdd: [key] })), ["ADD_LABELS", 2, 2, 0]);
  assert.deepEqual(await labelsOf(made[0]), [key]);
  const both = await run({ labelKeysToAdd: [other], labelKeysToRemove: [key] });
  assert.deepEqual(told(both), ["ADD_REMOVE_LABELS", 2, 2, 0]);
  assert.deepEqual(await labelsOf(made[1]), [other]);
  assert.deepEqual(told(await run({ labelKeysToRemove: [other] })), ["REMOVE_LABELS", 2, 2, 0]);
  assert.deepEqual(await labelsOf(made[0]), []);
  await refused(
    owner.contacts.bulkLabelAndUnlabelContacts({ filter: filter(), labelKeysToAdd: ["custom.no"] }),
    404,
    "LABEL_NOT_FOUND",
  );
});

test("members are not deleted with the others", async () => {
  const { filter, company } = await group(1);
  const client = await member("kept-member");
  const { contactId } = await client.submittedContact.appendOrCreateContact({
    info: { ...person(), company },
  });
  const job = await finished(await owner.contacts.bulkDeleteContacts({ filter: filter() }));
  assert.deepEqual(told(job), ["DELETE", 2, 1, 1]);
  assert.equal(job.errors[0].code, "CANNOT_DELETE_SITE_MEMBERS");
  assert.equal((await owner.contacts.getContact(contactId))._id, contactId);
});

test("all the contacts of a site are never taken by accident", async () => {
  const extras = {
    bulkUpdateContacts: { info: { company: "X" } },
    bulkLabelAndUnlabelContacts: { labelKeysToAdd: ["contacts.customers"] },
  };
  const before = await total({});
  for (const call of CALLS) {
    for (const nothing of [{}, { filter: {} }, { filter: null }, { search: "" }]) {
      await refused(
        owner.contacts[call]({ ...nothing, ...structuredClone(extras[call] ?? {}) }),
        400,
        "NEITHER_FILTER_NOR_SEARCH",
      );
    }
  }
  assert.equal(await total({}), before);
});

test("bad filters and infos are refused before a job starts", async () => {
  for (const call of CALLS) {
    for (const [filter, code] of [
      [{ "info.nothing": 1 }, "UNSUPPORTED_FILTER_FIELD_UNKNOWN"],
      [{ "info.company": { $contains: "x" } }, "UNSUPPORTED_FILTER_OPERATOR"],
      [{ createdDate: { $gt: "soon" } }, "UNSUPPORTED_FILTER_VALUE"],
    ]) {
      const options = { filter, info: { company: "X" }, labelKeysToAdd: ["contacts.customers"] };
      await refused(owner.contacts[call](options), 400, code);
    }
  }
  const error = await refusal(
    owner.contacts.bulkUpdateContacts({ filter: { "info.company": "X" }, info: emailed("x") }),
  );
  assert.deepEqual(
    error.details.validationError.fieldViolations.map(({ field }) => field),
    ["options.info.emails.items[0].email"],
  );
  const long = await refusal(owner.contacts.bulkDeleteContacts({ search: "x".repeat(101) }));
  assert.equal(long.details.validationError.fieldViolations[0].field, "options.search");
});

test("jobs are listed, and found at the path of older clients too", async () => {
  const { filter } = await group(1);
  const { id } = await finished(await owner.contacts.bulkDeleteContacts({ filter: filter() }));
  const { body } = await rest("GET", JOBS);
  assert.deepEqual(Object.keys(body), ["jobs"]);
  const listed = body.jobs.find((job) => job.id === id);
  const { body: alone } = await rest("GET", `/contacts/v4/bulk/contact/jobs/${id}`);
  assert.deepEqual(alone.job, listed);
  assert.equal((await rest("GET", "/contacts/v4/bulk/contact/jobs")).status, 200);
  assert.equal((await rest("GET", `${JOBS}/${unknownId}`)).status, 404);
  assert.equal((await rest("GET", `/_api${JOBS}/${id}`)).status, 200);
});

test("a job changes contacts of its own site alone", async () => {
  const { filter, company } = await group(1);
  const { contact } = await elsewhere.contacts.createContact({ ...person(), company });
  await finished(await owner.contacts.bulkDeleteContacts({ filter: filter() }));
  assert.deepEqual(await elsewhere.contacts.getContact(contact._id), contact);
});
