// The three examples of the reference with the official SDK, unmodified, from Node.
//
//   npm ci
//   CONTACTORY_KEY=ctk_... CONTACTORY_SITE=... node createContact.mjs [http://127.0.0.1:8000]
import { contacts } from "@wix/crm";
import { ApiKeyStrategy, createClient } from "@wix/sdk";

const server = process.argv[2] ?? "http://127.0.0.1:8000";

// The SDK knows its vendor's hosts only. A fetch of one's own leads its calls to this server.
function fetchFromServer(url, init) {
  const asked = new URL(url);
  return fetch(new URL(asked.pathname + asked.search, server), init);
}

const client = createClient({
  modules: { contacts },
  auth: ApiKeyStrategy({
    apiKey: process.env.CONTACTORY_KEY,
    siteId: process.env.CONTACTORY_SITE ?? "00000000-0000-7000-8000-000000000001",
  }),
  fetch: fetchFromServer,
});

const nameAndEmail = () => ({
  name: { first: "John", last: "Doe" },
  emails: { items: [{ email: "johndoe1@example.com" }] },
});

async function myCreateContactFunction(info, options) {
  try {
    const { contact } = await client.contacts.createContact(info, options);
    console.log(JSON.stringify(contact));
  } catch (error) {
    const { code, data } = error.details.applicationError;
    console.log(JSON.stringify({ refused: code, data, requestId: error.requestId }));
  }
}

// A name and an e-mail.
await myCreateContactFunction(nameAndEmail());

// The same again: refused, and the answer names the contact that has the e-mail.
await myCreateContactFunction(nameAndEmail());
await myCreateContactFunction(nameAndEmail(), { allowDuplicates: true });

// Most of what a contact can have.
await myCreateContactFunction(
  {
    name: { first: "John", last: "Doe" },
    emails: {
      items: [
        {
          tag: "UNTAGGED",
          email: "johndoe1@example.com",
          _id: "37db3bde-83c0-4ca2-8097-88964a2f343b",
        },
      ],
    },
    company: "Wix",
    jobTitle: "Writer",
    phones: {
      items: [{ phone: "6465676359", countryCode: "US", primary: "true", tag: "MOBILE" }],
    },
    birthdate: "1995-04-25",
    locale: "en-us",
    labelKeys: { items: ["custom.contact"] },
    extendedFields: { items: { "custom.nickname": "Jonny" } },
    addresses: {
      items: [
        {
          tag: "HOME",
          address: {
            addressLine1: "3 Park Ave",
            city: "NY",
            subdivision: "US-NY",
            country: "US",
            postalCode: "10010",
          },
        },
      ],
    },
  },
  { allowDuplicates: true },
);
