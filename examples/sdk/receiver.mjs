// Receives the calls of a webhook with the official SDK, unmodified: it checks them and hands the
// events to functions.
//
//   npm ci
//   node receiver.mjs SERVER SITE APP [PORT]
//
// SERVER is where the public keys are (http://127.0.0.1:8000), SITE and APP are ids: the webhook's
// app and its site. Register the URL that is printed, for the types that have a function here; for
// others the SDK throws:
//
//   contactory webhooks create APP URL --private-receivers \
//     --event wix.contacts.v4.contact_created --event wix.contacts.v4.contact_updated
import { createPublicKey } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

import { contacts } from "@wix/crm";
import { AppStrategy, createClient } from "@wix/sdk";

const [server, siteId, appId, port = "8100"] = process.argv.slice(2);
const keysUrl = `${server}/.well-known/contactory/${siteId}/${appId}/jwks.json`;

// Calls are repeated now and then. An app keeps these ids with its data, in one transaction.
const received = new Set();

function once(react) {
  return (event) => {
    if (!received.has(event.metadata._id)) {
      react(event);
      received.add(event.metadata._id);
    }
  };
}

function clientWith(publicKey) {
  const client = createClient({
    auth: AppStrategy({ appId, publicKey }),
    modules: { contacts },
  });
  client.contacts.onContactCreated(
    once(({ entity }) => console.log("created", entity._id, entity.info.name.first)),
  );
  client.contacts.onContactUpdated(
    once(({ entity, modifiedFields }) =>
      console.log("updated", entity._id, JSON.stringify(modifiedFields)),
    ),
  );
  return client;
}

// While one key replaces another there are two, and the SDK takes one: each has its client.
const clients = new Map();
let lastLearnt = -Infinity;

async function learnKeys() {
  const { keys } = await (await fetch(keysUrl)).json();
  for (const key of keys) {
    const pem = createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" });
    clients.set(key.kid, clients.get(key.kid) ?? clientWith(pem));
  }
  lastLearnt = performance.now();
}

async function clientFor(token) {
  const { kid } = JSON.parse(Buffer.from(token.split(".")[0], "base64url"));
  if (!clients.has(kid) && performance.now() - lastLearnt > 30_000) {
    await learnKeys();
  }
  return clients.get(kid);
}

const receiver = createServer(async (request, response) => {
  try {
    const token = await text(request);
    const client = await clientFor(token);
    await client.webhooks.process(token);
    response.writeHead(200).end();
  } catch (error) {
    console.error(error.message);
    response.writeHead(400).end();
  }
});
receiver.listen(Number(port), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${receiver.address().port}/`);
});
