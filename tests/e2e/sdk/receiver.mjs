// A program that receives webhook calls with the official SDK, as an app does. It prints where it
// listens, and then one line of JSON for each event that a handler gets and each call that the SDK
// refuses. A Date is shown as {"$date": …}, so that it differs from text.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

import { contacts, extendedFields, labels } from "@wix/crm";
import { AppStrategy, createClient } from "@wix/sdk";

const { appId, publicKey } = JSON.parse(process.env.CONTACTORY_RECEIVER);
const client = createClient({
  auth: AppStrategy({ appId, publicKey }),
  modules: { contacts, labels, extendedFields },
});

function say(what) {
  const line = JSON.stringify(what, function (key, value) {
    return this[key] instanceof Date ? { $date: value } : value;
  });
  process.stdout.write(`${line}\n`);
}

const handlers = {
  contacts: ["onContactCreated", "onContactUpdated", "onContactDeleted", "onContactMerged"],
  labels: ["onLabelCreated", "onLabelUpdated", "onLabelDeleted"],
  extendedFields: [
    "onExtendedFieldCreated",
    "onExtendedFieldUpdated",
    "onExtendedFieldDeleted",
  ],
};
for (const [module, names] of Object.entries(handlers))
  for (const handler of names) client[module][handler]((event) => say({ handler, event }));

const server = createServer(async (request, response) => {
  try {
    await client.webhooks.process(await text(request));
    response.writeHead(200).end();
  } catch (error) {
    say({ refused: error.code ?? error.name, message: error.message });
    response.writeHead(400).end();
  }
});
server.listen(0, "127.0.0.1", () => say({ url: `http://127.0.0.1:${server.address().port}/` }));
