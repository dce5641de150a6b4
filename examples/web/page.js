// Page code: acts for whoever is signed in, and is refused without Manage Contacts.
import { contacts } from "/web/contactory.js";

export async function myCreateContactFunction(info) {
  return await contacts.createContact(info);
}
