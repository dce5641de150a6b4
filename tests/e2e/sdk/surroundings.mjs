// What every test stands on: where the server is, who calls it, and a fetch that leads there.
import assert from "node:assert/strict";

import { contacts, extendedFields, labels, submittedContact } from "@wix/crm";
import { ApiKeyStrategy, AppStrategy, createClient, OAuthStrategy } from "@wix/sdk";

export const server = JSON.parse(process.env.CONTACTORY_SERVER);
export const modules = { contacts, labels, extendedFields, submittedContact };

const home = new URL(server.url);
const seedHost = "seed.example";

// The SDK knows its vendor's hosts only, unless a client names its own, which is then spoken to
// over TLS and asked below /_api. Its code stays as it is; the network leads to our server.
export const sent = [];
const realFetch = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const asked = new URL(typeof input === "string" || input instanceof URL ? input : input.url);
  const leadsTo = asked.hostname === seedHost ? server.seedUrl : server.url;
  const call = { verb: init?.method ?? "GET", url: asked, body: init?.body };
  sent.push(call);
  const answer = await realFetch(new URL(asked.pathname + asked.search, leadsTo), init);
  call.requestId = answer.headers.get("x-wix-request-id");
  return answer;
};

const place = server.overTls ? { host: { apiBaseUrl: home.host }, useCDN: false } : {};

export const connect = (auth, options = {}) =>
  createClient({ modules, auth, ...place, ...options });
export const withKey = (apiKey, siteId = server.siteId) =>
  connect(ApiKeyStrategy({ apiKey, siteId }));
export const owner = withKey(server.key);
export const elsewhere = withKey(server.otherKey, server.otherSiteId);
export const visitor = () => connect(OAuthStrategy({ clientId: server.clientId }));
export const appStrategy = () =>
  AppStrategy({ appId: server.appId, appSecret: server.appSecret, instanceId: server.instanceId });
export const app = connect(appStrategy());

// The site's own program vouches for its member, and the SDK takes over the member's tokens.
export async function member(memberId) {
  const client = visitor();
  client.auth.setTokens(await client.auth.generateVisitorTokens());
  client.auth.setTokens(await client.auth.getMemberTokensForExternalLogin(memberId, server.key));
  return client;
}

// For these alone, by the SDK's own option: the server whose keys are the site's own code, and
// that takes few calls a minute of each. Eager is who makes too many.
const atSeed = (apiKey) =>
  createClient({
    modules,
    auth: ApiKeyStrategy({ apiKey, siteId: server.seedSiteId }),
    fetch: (input, init) => {
      const asked = new URL(typeof input === "string" || input instanceof URL ? input : input.url);
      return fetch(new URL(asked.pathname + asked.search, `https://${seedHost}`), init);
    },
  });
export const seedCode = atSeed(server.seedKey);
export const eager = atSeed(server.eagerKey);

// A call of the API that the SDK has no function for.
export async function rest(verb, path, body, headers = {}) {
  const answer = await fetch(new URL(path, home), {
    method: verb,
    headers: {
      authorization: server.key,
      "wix-site-id": server.siteId,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

export async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the call was not refused");
}

// An application error, seen through the SDK in every one of its parts.
export async function refused(promise, status, code, data) {
  const error = await refusal(promise);
  assert.ok(error instanceof Error);
  const told = error.details?.applicationError;
  assert.deepEqual([error.status, told?.code], [status, code], error.message);
  assert.ok(told.description);
  if (data !== undefined) assert.deepEqual(told.data, data);
  checkRequestId(error);
  return error;
}

// A validation error; `fields` are the paths as the SDK renames them, in its order.
export async function invalid(promise, ...fields) {
  const error = await refusal(promise);
  assert.equal(error.status, 400, error.message);
  const found = error.details?.validationError?.fieldViolations ?? [];
  assert.deepEqual(
    found.map(({ field }) => field),
    fields,
    error.message,
  );
  for (const { description, violatedRule } of found) assert.ok(description && violatedRule);
  assert.match(JSON.parse(error.message).message, /^INVALID_ARGUMENT: "/);
  checkRequestId(error);
  return error;
}

function checkRequestId(error) {
  assert.match(error.requestId, /^[0-9a-f-]{36}$/);
  assert.ok(sent.some(({ requestId }) => requestId === error.requestId));
  assert.equal(JSON.parse(error.message).details.requestId, error.requestId);
}

export const sleep = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));
export const ids = (items) => items.map(({ _id }) => _id);
export const unknownId = "6c1f7b1e-0000-4000-8000-000000000000";
export const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
