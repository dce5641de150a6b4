// The seed's examples, and how their results are compared with ours.
import { readFileSync } from "node:fs";

export const examples = JSON.parse(
  readFileSync(new URL("../../seed_examples.json", import.meta.url)),
).examples;

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
