// Who may call what: every strategy of the SDK, every permission, and where the calls lead.
import assert from "node:assert/strict";
import test from "node:test";

import { AppStrategy, OAuthStrategy } from "@wix/sdk";

import { CALLS, functionsOf } from "./functions.mjs";
import { created, person } from "./people.mjs";
import {
  app,
  appStrategy,
  connect,
  member,
  modules,
  owner,
  refusal,
  refused,
  sent,
  server,
  visitor,
  withKey,
} from "./surroundings.mjs";
import { permissions } from "./typings.mjs";

const everyFunction = Object.keys(modules).flatMap((module) =>
  functionsOf(module).map((name) => [module, name, permissions(module)[name][0]]),
);
const perform = (client, module, name, subject) => CALLS[module][name](client, subject);
const submits = (name) => name === "appendOrCreateContact";

for (const [module, name, permission] of everyFunction) {
  test(`${name} needs ${permission}, and nothing else`, async () => {
    const subject = await created();
    const able = withKey(server.keysWith[permission]);
    await perform(able, module, name, subject);
    const unable = withKey(server.keysWithout[permission]);
    await refused(perform(unable, module, name, await created()), 403, "PERMISSION_DENIED");
  });
}

test("a visitor and a member may submit, and nothing else", async () => {
  const clients = [visitor(), await member("curious-member")];
  for (const client of clients) {
    const subject = await created();
    for (const [module, name] of everyFunction) {
      if (submits(name)) await perform(client, module, name, subject);
      else await refused(perform(client, module, name, subject), 403, "PERMISSION_DENIED");
    }
    assert.deepEqual(await owner.contacts.getContact(subject._id), subject);
  }
});

test("an app may do everything that its permissions say", async () => {
  for (const [module, name] of everyFunction) await perform(app, module, name, await created());
});

test("no credentials, unknown ones and those of another site are refused", async () => {
  const subject = await created();
  const nobody = connect({ getAuthHeaders: async () => ({ headers: { Authorization: "" } }) });
  for (const client of [nobody, withKey("nonsense"), withKey("")]) {
    for (const [module, name] of everyFunction) {
      await refused(perform(client, module, name, subject), 401, "UNAUTHENTICATED");
    }
  }
  for (const [module, name] of everyFunction) {
    const client = withKey(server.key, server.otherSiteId);
    assert.equal((await refusal(perform(client, module, name, subject))).status, 403);
  }
});

test("calls lead where the client says, and tokens are had beside them", async () => {
  await owner.contacts.listContacts();
  const { url } = sent.at(-1);
  const expected = server.overTls
    ? `https://${new URL(server.url).host}/_api/contacts/v4/contacts`
    : "https://www.wixapis.com/contacts/v4/contacts";
  assert.equal(url.origin + url.pathname, expected);
  await refusal(visitor().contacts.listContacts());
  const [token, call] = sent.slice(-2);
  assert.equal(token.url.href, "https://www.wixapis.com/oauth2/token");
  assert.equal(call.url.pathname, new URL(expected).pathname);
});

test("a visitor's token is renewed", async () => {
  const client = visitor();
  const tokens = await client.auth.generateVisitorTokens();
  assert.equal(tokens.refreshToken.role, "visitor");
  assert.ok(tokens.accessToken.expiresAt > Date.now() / 1000 + 14_000);
  const renewed = await client.auth.renewToken(tokens.refreshToken);
  assert.notEqual(renewed.accessToken.value, tokens.accessToken.value);
});

test("an expired token is renewed on the way", async () => {
  const client = visitor();
  const { contactId } = await client.submittedContact.appendOrCreateContact({ info: person() });
  const tokens = client.auth.getTokens();
  const later = connect(
    OAuthStrategy({
      clientId: server.clientId,
      tokens: { ...tokens, accessToken: { ...tokens.accessToken, expiresAt: 1 } },
    }),
  );
  // The session goes on: the visitor's contact is still known.
  const again = await later.submittedContact.appendOrCreateContact({ info: { company: "X" } });
  assert.deepEqual([again.contactId, again.newContact], [contactId, false]);
});

test("a member signs in through the site's own program", async () => {
  const client = visitor();
  client.auth.setTokens(await client.auth.generateVisitorTokens());
  const tokens = await client.auth.getMemberTokensForExternalLogin("member-1", server.key);
  assert.equal(tokens.refreshToken.role, "member");
  client.auth.setTokens(tokens);
  assert.equal(client.auth.loggedIn(), true);
  const answer = await client.submittedContact.appendOrCreateContact({ info: person() });
  assert.equal(answer.identityType, "MEMBER");
});

test("an app creates under its own name, with one token for many calls", async () => {
  const own = connect(appStrategy());
  const before = tokenCalls();
  const { contact } = await own.contacts.createContact(person());
  await own.contacts.getContact(contact._id);
  assert.deepEqual(contact.source, { sourceType: "WIX_APP", appId: server.appId });
  assert.equal(tokenCalls(), before + 1);
});

test("an app with a refresh token acts too", async () => {
  const tokens = await token("/oauth/access", {
    code: server.appCode,
    client_id: server.appId,
    client_secret: server.appSecret,
    grant_type: "authorization_code",
  });
  const refreshed = connect(
    AppStrategy({
      appId: server.appId,
      appSecret: server.appSecret,
      refreshToken: tokens.refresh_token,
    }),
  );
  for (let call = 0; call < 3; call += 1) {
    const { contact } = await refreshed.contacts.createContact(person());
    assert.equal(contact.source.appId, server.appId);
  }
});

test("a visitor's token, bound to the app, is elevated to the app", async () => {
  const { accessToken } = await visitor().auth.generateVisitorTokens();
  const bound = await token("/oauth2/token", {
    grant_type: "strip_bound_session",
    client_secret: server.appSecret,
    access_token: accessToken.value,
  });
  const strategy = AppStrategy({
    appId: server.appId,
    appSecret: server.appSecret,
    accessToken: bound.access_token,
  });
  await refused(connect(strategy).contacts.createContact(person()), 403, "PERMISSION_DENIED");
  const info = await strategy.getTokenInfo();
  assert.equal(info.clientId, server.appId);
  assert.equal(info.instanceId, server.instanceId);
  assert.equal(info.subjectType, "VISITOR");
  const elevated = connect(await strategy.elevated());
  const { contact } = await elevated.contacts.createContact(person());
  assert.equal(contact.source.appId, server.appId);
});

const tokenCalls = () => sent.filter(({ url }) => url.pathname === "/oauth2/token").length;

async function token(path, body) {
  const answer = await fetch(new URL(path, "https://anywhere.example"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200);
  return answer.json();
}
