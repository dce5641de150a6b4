// What every test of the SDK stands on: where the server is, and a fetch that leads there.
import { readFileSync } from "node:fs";

export const server = JSON.parse(process.env.CONTACTORY_SERVER);
export const examples = JSON.parse(readFileSync(new URL("../../seed_examples.json", import.meta.url)))
  .examples;

// The SDK knows its vendor's hosts only. Its code stays as it is; the network leads elsewhere.
const realFetch = globalThis.fetch;
const seedHost = "seed.example";
export const sent = [];
globalThis.fetch = (input, init) => {
  const asked = new URL(typeof input === "string" || input instanceof URL ? input : input.url);
  sent.push(`${init?.method ?? "GET"} ${asked.pathname}`);
  const leadsTo = asked.hostname === seedHost ? server.seedUrl : server.url;
  return realFetch(new URL(asked.pathname + asked.search, leadsTo), init);
};

export async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the call was not refused");
}

// For one client alone, by the SDK's own option: the server whose keys are the site's own code.
export const fetchFromSeed = (input, init) => {
  const asked = new URL(typeof input === "string" || input instanceof URL ? input : input.url);
  return fetch(new URL(asked.pathname + asked.search, `https://${seedHost}`), init);
};

let number = 0;
export function freshEmail() {
  number += 1;
  return `sdk.${process.pid}.${Date.now()}.${number}@example.com`;
}

// The example's result beside ours: ids, dates and the example's own slip are told apart by name.
export function comparable(result, { withoutPhone }) {
  const copy = JSON.parse(JSON.stringify(result));
  for (const name of ["_id", "_createdDate", "_updatedDate"]) delete copy[name];
  delete copy.lastActivity.activityDate;
  for (const list of ["emails", "phones", "addresses"]) {
    for (const item of copy.info[list].items ?? []) delete item._id;
  }
  if (withoutPhone) delete copy.primaryInfo.phone;
  return copy;
}

// What the present API shows beside the fields of the example.
export function withoutLaterFields(contact) {
  const copy = structuredClone(contact);
  delete copy.primaryEmail;
  delete copy.primaryPhone;
  for (const phone of copy.info.phones.items ?? []) delete phone.formattedPhone;
  return copy;
}
