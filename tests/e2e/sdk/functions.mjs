// One call of each function of the SDK, for any client.
import { extendedFields } from "@wix/crm";

import { everyPart, freshEmail, person } from "./people.mjs";
import { modules, owner } from "./surroundings.mjs";

// What can be called: events are told to the program itself, and enumerations are no functions.
export const functionsOf = (module) =>
  Object.entries(modules[module])
    .filter(([name, part]) => typeof part === "function" && !/^on[A-Z]/.test(name))
    .map(([name]) => name)
    .sort();

let number = 0;
const fresh = (name) => `${name} ${(number += 1)}`;
// What a call needs is there before, made by somebody who may.
const label = async () => (await owner.labels.findOrCreateLabel(fresh("Label"))).label.key;
const field = async () =>
  (
    await owner.extendedFields.findOrCreateExtendedField(
      fresh("Field"),
      extendedFields.FieldDataType.TEXT,
    )
  ).field.key;
const contact = async () => (await owner.contacts.createContact(person())).contact;
const nobody = () => ({ "primaryInfo.email": freshEmail() });

// Each takes a client and a contact that it may change, and answers what the SDK gives.
export const CALLS = {
  contacts: {
    createContact: async (client) =>
      client.contacts.createContact(everyPart(), { allowDuplicates: true }),
    getContact: async (client, { _id }) => client.contacts.getContact(_id),
    updateContact: async (client, { _id, revision }) =>
      client.contacts.updateContact(_id, { company: "Looms" }, revision),
    deleteContact: async (client, { _id }) => client.contacts.deleteContact(_id),
    listContacts: async (client) => client.contacts.listContacts({ paging: { limit: 2 } }),
    queryContacts: async (client, { _id }) =>
      client.contacts.queryContacts().eq("_id", _id).limit(2).find(),
    mergeContacts: async (client, { _id, revision }) =>
      client.contacts.mergeContacts(_id, revision, { sourceContactIds: [(await contact())._id] }),
    previewMergeContacts: async (client, { _id }) =>
      client.contacts.previewMergeContacts(_id, { sourceContactIds: [(await contact())._id] }),
    labelContact: async (client, { _id }) => client.contacts.labelContact(_id, [await label()]),
    unlabelContact: async (client, { _id }) => client.contacts.unlabelContact(_id, [await label()]),
    listFacets: async (client) => client.contacts.listFacets(),
    queryFacets: async (client) => client.contacts.queryFacets({ paging: { limit: 2 } }),
    bulkDeleteContacts: async (client) => client.contacts.bulkDeleteContacts({ filter: nobody() }),
    bulkUpdateContacts: async (client) =>
      client.contacts.bulkUpdateContacts({ filter: nobody(), info: { company: "Looms" } }),
    bulkLabelAndUnlabelContacts: async (client) =>
      client.contacts.bulkLabelAndUnlabelContacts({
        filter: nobody(),
        labelKeysToAdd: [await label()],
      }),
  },
  labels: {
    findOrCreateLabel: async (client) => client.labels.findOrCreateLabel(fresh("Found")),
    getLabel: async (client) => client.labels.getLabel(await label()),
    renameLabel: async (client) =>
      client.labels.renameLabel(await label(), { displayName: fresh("Renamed") }),
    deleteLabel: async (client) => client.labels.deleteLabel(await label()),
    listLabels: async (client) => client.labels.listLabels({ paging: { limit: 2 } }),
    queryLabels: async (client) => client.labels.queryLabels().limit(2).find(),
  },
  extendedFields: {
    findOrCreateExtendedField: async (client) =>
      client.extendedFields.findOrCreateExtendedField(fresh("Found"), "TEXT"),
    getExtendedField: async (client) => client.extendedFields.getExtendedField(await field()),
    renameExtendedField: async (client) =>
      client.extendedFields.renameExtendedField(await field(), { displayName: fresh("Renamed") }),
    deleteExtendedField: async (client) => client.extendedFields.deleteExtendedField(await field()),
    listExtendedFields: async (client) =>
      client.extendedFields.listExtendedFields({ paging: { limit: 2 } }),
    queryExtendedFields: async (client) =>
      client.extendedFields.queryExtendedFields().limit(2).find(),
  },
  submittedContact: {
    appendOrCreateContact: async (client) =>
      client.submittedContact.appendOrCreateContact({ info: person() }),
  },
};
