import assert from "node:assert/strict";
import test from "node:test";

import { contacts } from "@wix/crm";
import { ApiKeyStrategy, AppStrategy, createClient, OAuthStrategy } from "@wix/sdk";

import {
  comparable,
  examples,
  fetchFromSeed,
  freshEmail,
  refusal,
  sent,
  server,
  withoutLaterFields,
} from "./surroundings.mjs";

const modules = { contacts };
const owner = createClient({
  modules,
  auth: ApiKeyStrategy({ apiKey: server.key, siteId: server.siteId }),
});
const seedCode = createClient({
  modules,
  fetch: fetchFromSeed,
  auth: ApiKeyStrategy({ apiKey: server.seedKey, siteId: server.seedSiteId }),
});
const visitor = () =>
  createClient({ modules, auth: OAuthStrategy({ clientId: server.clientId }) });
const app = createClient({
  modules,
  auth: AppStrategy({
    appId: server.appId,
    appSecret: server.appSecret,
    instanceId: server.instanceId,
  }),
});

const person = (email) => ({ name: { first: "Ada", last: "Byron" }, emails: { items: [{ email }] } });

for (const [at, example] of examples.entries()) {
  test(`the seed's example ${at + 1} answers what the seed shows`, async () => {
    const info = structuredClone(example.info);
    const options = { allowDuplicates: true };
    const { contact } = await owner.contacts.createContact(info, options);
    const slip = { withoutPhone: at < 2 };
    const expected = comparable(example.result, slip);
    // Over HTTP the source follows the token: a key acts as the owner.
    expected.source = { sourceType: "ADMIN" };
    assert.deepEqual(withoutLaterFields(comparable(contact, { withoutPhone: false })), expected);
    assert.ok(contact._createdDate instanceof Date);
    assert.ok(contact.lastActivity.activityDate instanceof Date);
    if (at === 2) {
      assert.equal(contact.info.emails.items[0]._id, example.info.emails.items[0]._id);
    }
    const again = await owner.contacts.getContact(contact._id);
    assert.deepEqual(again, contact);
  });
}

test("a server told that its keys are the site's own code answers the seed's source too", async () => {
  const example = examples[2];
  const { contact } = await seedCode.contacts.createContact(
    structuredClone(example.info),
    example.options,
  );
  assert.deepEqual(
    withoutLaterFields(comparable(contact, { withoutPhone: false })),
    comparable(example.result, { withoutPhone: false }),
  );
});

test("a used e-mail is refused with the id of the contact that has it", async () => {
  const email = freshEmail();
  const { contact } = await owner.contacts.createContact({
    name: { first: "Ada" },
    emails: { items: [{ email: freshEmail(), primary: true }, { email }] },
  });
  const error = await refusal(owner.contacts.createContact(person(email.toUpperCase())));
  assert.equal(error.status, 409);
  assert.equal(error.details.applicationError.code, "DUPLICATE_CONTACT_EXISTS");
  assert.deepEqual(error.details.applicationError.data, {
    duplicateContactId: contact._id,
    duplicateEmail: email.toUpperCase(),
  });
  assert.match(error.requestId, /^[0-9a-f-]{36}$/);
  const second = await owner.contacts.createContact(person(email), { allowDuplicates: true });
  assert.notEqual(second.contact._id, contact._id);
});

test("a used phone counts where no e-mail is given", async () => {
  const phones = { items: [{ phone: `20255501${String(process.pid).slice(-2).padStart(2, "0")}`, countryCode: "US" }] };
  const { contact } = await owner.contacts.createContact({ phones });
  const error = await refusal(owner.contacts.createContact({ name: { first: "B" }, phones }));
  assert.equal(error.details.applicationError.code, "DUPLICATE_CONTACT_EXISTS");
  assert.equal(error.details.applicationError.data.duplicateContactId, contact._id);
  assert.equal(error.details.applicationError.data.duplicatePhone, contact.info.phones.items[0].phone);
});

test("a contact without name, e-mail and phone is refused", async () => {
  const error = await refusal(owner.contacts.createContact({ company: "X" }));
  assert.equal(error.status, 400);
  assert.equal(error.details.applicationError.code, "INSUFFICIENT_CONTACT_DATA");
  const empty = await refusal(owner.contacts.createContact());
  assert.equal(empty.status, 400);
  assert.equal(empty.details.validationError.fieldViolations[0].field, "info");
});

test("two primary e-mails are refused", async () => {
  const items = [freshEmail(), freshEmail()].map((email) => ({ email, primary: true }));
  const error = await refusal(owner.contacts.createContact({ emails: { items } }));
  assert.equal(error.details.applicationError.code, "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO");
});

test("every problem of the input is named by its path", async () => {
  const error = await refusal(
    owner.contacts.createContact({
      emails: { items: [{ email: "x" }, { email: freshEmail(), tag: "MOBILE" }] },
      birthdate: "25 April 1995",
    }),
  );
  assert.equal(error.status, 400);
  const found = error.details.validationError.fieldViolations;
  assert.deepEqual(
    found.map(({ field, violatedRule }) => [field, violatedRule]),
    [
      ["info.birthdate", "FORMAT"],
      ["info.emails.items[0].email", "FORMAT"],
      ["info.emails.items[1].tag", "INVALID_ENUM_VALUE"],
    ],
  );
  const told = JSON.parse(error.message);
  assert.match(told.message, /^INVALID_ARGUMENT: "info\.birthdate"/);
  assert.equal(told.details.requestId, error.requestId);
});

test("an extended field refuses a value of another type", async () => {
  const key = `custom.age-${process.pid}`;
  await owner.contacts.createContact({
    ...person(freshEmail()),
    extendedFields: { items: { [key]: 24 } },
  });
  const error = await refusal(
    owner.contacts.createContact({
      ...person(freshEmail()),
      extendedFields: { items: { [key]: "old" } },
    }),
  );
  assert.equal(error.details.applicationError.code, "INVALID_EXTENDED_FIELD_VALUE");
  assert.equal(error.details.applicationError.data.key, key);
});

test("a picture and a geocode come back as the SDK shows them", async () => {
  const image = "wix:image://v1/abc~mv2.png/portrait.png#originWidth=100&originHeight=80";
  const { contact } = await owner.contacts.createContact({
    ...person(freshEmail()),
    picture: { image },
    addresses: {
      items: [{ tag: "WORK", address: { city: "Paris", country: "FR", location: { latitude: 48.85, longitude: 2.35 } } }],
    },
  });
  assert.equal(contact.info.picture.image, image);
  assert.deepEqual(contact.info.addresses.items[0].address.location, { latitude: 48.85, longitude: 2.35 });
  assert.equal(contact.info.addresses.items[0].address.formatted, "Paris\nFrance");
});

test("getContact shows the parts asked for", async () => {
  const { contact } = await owner.contacts.createContact({ ...person(freshEmail()), company: "X" });
  const basic = await owner.contacts.getContact(contact._id, { fieldsets: ["BASIC"] });
  assert.deepEqual(Object.keys(basic).sort(), ["_id", "info", "primaryInfo", "revision"]);
  assert.deepEqual(basic.info, { name: { first: "Ada", last: "Byron" } });
  const parts = await owner.contacts.getContact(contact._id, { fields: ["source", "info.company"] });
  assert.deepEqual(parts.info, { company: "X" });
  assert.deepEqual(parts.source, { sourceType: "ADMIN" });
  const dated = await owner.contacts.getContact(contact._id, { fields: ["_createdDate"] });
  assert.ok(dated._createdDate instanceof Date);
});

test("an unknown contact is not found", async () => {
  for (const id of ["6c1f7b1e-0000-4000-8000-000000000000", "a b/c?d"]) {
    const error = await refusal(owner.contacts.getContact(id));
    assert.equal(error.status, 404);
  }
});

test("an unknown key, and a key at another site, are refused", async () => {
  const wrong = createClient({ modules, auth: ApiKeyStrategy({ apiKey: "nonsense", siteId: server.siteId }) });
  const unknown = await refusal(wrong.contacts.createContact(person(freshEmail())));
  assert.equal(unknown.status, 401);
  assert.equal(unknown.details.applicationError.code, "UNAUTHENTICATED");
  const elsewhere = createClient({
    modules,
    auth: ApiKeyStrategy({ apiKey: server.key, siteId: server.otherSiteId }),
  });
  const other = await refusal(elsewhere.contacts.createContact(person(freshEmail())));
  assert.equal(other.status, 403);
  const reader = createClient({ modules, auth: ApiKeyStrategy({ apiKey: server.readKey, siteId: server.siteId }) });
  const readOnly = await refusal(reader.contacts.createContact(person(freshEmail())));
  assert.equal(readOnly.status, 403);
  assert.equal(readOnly.details.applicationError.code, "PERMISSION_DENIED");
});

test("a visitor gets a token and may not create", async () => {
  const client = visitor();
  const error = await refusal(client.contacts.createContact(person(freshEmail())));
  assert.equal(error.status, 403);
  assert.equal(error.details.applicationError.code, "PERMISSION_DENIED");
  assert.match(error.requestId, /^[0-9a-f-]{36}$/);
  const tokens = await client.auth.generateVisitorTokens();
  assert.equal(tokens.refreshToken.role, "visitor");
  assert.ok(tokens.accessToken.expiresAt > Date.now() / 1000 + 14_000);
  const renewed = await client.auth.renewToken(tokens.refreshToken);
  assert.notEqual(renewed.accessToken.value, tokens.accessToken.value);
});

test("an app creates under its own name, with one token for many calls", async () => {
  const before = sent.filter((call) => call.endsWith("/oauth2/token")).length;
  const { contact } = await app.contacts.createContact(person(freshEmail()));
  await app.contacts.getContact(contact._id);
  assert.deepEqual(contact.source, { sourceType: "WIX_APP", appId: server.appId });
  assert.equal(sent.filter((call) => call.endsWith("/oauth2/token")).length, before + 1);
});

test("an app with a refresh token acts too", async () => {
  const tokens = await realTokens({ code: server.appCode, grant_type: "authorization_code" });
  const refreshed = createClient({
    modules,
    auth: AppStrategy({
      appId: server.appId,
      appSecret: server.appSecret,
      refreshToken: tokens.refresh_token,
    }),
  });
  for (let call = 0; call < 3; call += 1) {
    const { contact } = await refreshed.contacts.createContact(person(freshEmail()));
    assert.equal(contact.source.appId, server.appId);
  }
});

test("a visitor's token, bound to the app, is elevated to the app", async () => {
  const { accessToken } = await visitor().auth.generateVisitorTokens();
  const bound = await fetch("https://anywhere.example/oauth2/token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      grant_type: "strip_bound_session",
      client_secret: server.appSecret,
      access_token: accessToken.value,
    }),
  }).then((answer) => answer.json());
  const strategy = AppStrategy({
    appId: server.appId,
    appSecret: server.appSecret,
    accessToken: bound.access_token,
  });
  const asVisitor = createClient({ modules, auth: strategy });
  const refused = await refusal(asVisitor.contacts.createContact(person(freshEmail())));
  assert.equal(refused.status, 403);
  const info = await strategy.getTokenInfo();
  assert.equal(info.clientId, server.appId);
  assert.equal(info.instanceId, server.instanceId);
  assert.equal(info.subjectType, "VISITOR");
  const elevated = createClient({ modules, auth: await strategy.elevated() });
  const { contact } = await elevated.contacts.createContact(person(freshEmail()));
  assert.equal(contact.source.appId, server.appId);
});

test("a member of the site signs in through the site's own program and may not create", async () => {
  const client = visitor();
  const tokens = await client.auth.generateVisitorTokens();
  client.auth.setTokens(tokens);
  const member = await client.auth.getMemberTokensForExternalLogin("member-1", server.key);
  assert.equal(member.refreshToken.role, "member");
  client.auth.setTokens(member);
  const error = await refusal(client.contacts.createContact(person(freshEmail())));
  assert.equal(error.status, 403);
});

test("both prefixes serve the same", async () => {
  const { contact } = await owner.contacts.createContact(person(freshEmail()));
  const below = await fetch(`https://anywhere.example/_api/contacts/v4/contacts/${contact._id}`, {
    headers: { authorization: server.key, "wix-site-id": server.siteId },
  });
  assert.equal(below.status, 200);
  assert.equal((await below.json()).contact.id, contact._id);
});

async function realTokens(body) {
  const answer = await fetch("https://anywhere.example/oauth/access", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_id: server.appId, client_secret: server.appSecret, ...body }),
  });
  assert.equal(answer.status, 200);
  return answer.json();
}
