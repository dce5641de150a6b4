// What the SDK's own type declarations say: functions, error codes, permissions and queries.
import { readFileSync } from "node:fs";

const PACKAGES = {
  contacts: "contacts",
  labels: "labels",
  extendedFields: "extended-fields",
  submittedContact: "submitted-contact",
};

const text = (module) =>
  readFileSync(
    new URL(
      `node_modules/@wix/auto_sdk_crm_${PACKAGES[module]}/build/cjs/index.typings.d.ts`,
      import.meta.url,
    ),
    "utf8",
  );

const quoted = (part) => [...part.matchAll(/'([^']+)'/g)].map(([, word]) => word);

// {createContact: ["DUPLICATE_CONTACT_EXISTS", …], …}
export function errorCodes(module) {
  const found = {};
  for (const [, name, body] of text(module).matchAll(
    /^type (\w+)ApplicationErrors = ([\s\S]*?)^\};/gm,
  )) {
    const codes = [...body.matchAll(/code\?: '(\w+)'/g)].map(([, code]) => code);
    found[name[0].toLowerCase() + name.slice(1)] = codes;
  }
  return found;
}

// {createContact: ["CONTACTS.MODIFY"], …}, of functions that can be called.
export function permissions(module) {
  const found = {};
  for (const [, comment, name] of text(module).matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*declare function (\w+)/g,
  )) {
    if (/^(on[A-Z]|typedQuery)/.test(name)) continue;
    found[name] = [...comment.matchAll(/@permissionId ([\w.-]+)/g)].map(([, id]) =>
      id.toUpperCase(),
    );
  }
  return found;
}

// [{field, operators: ["$eq", …], isSortable}, …]
export function queryFields(module) {
  const [, spec] = text(module).match(/interface \w+QuerySpec extends QuerySpec \{([\s\S]*?)^\}/m);
  const rows = spec.matchAll(/fields: \[([^\]]*)\];\s*operators: \[([^\]]*)\];\s*sort: '(\w+)'/g);
  return [...rows].flatMap(([, fields, operators, sort]) =>
    quoted(fields).map((field) => ({
      field,
      operators: quoted(operators),
      isSortable: sort === "BOTH",
    })),
  );
}

// {eq: ["_id", …], …}: the fields that each method of the builder takes; none where any will do.
export function builderMethods(module) {
  const [, body] = text(module).match(/interface \w+QueryBuilder \{([\s\S]*?)^\}/m);
  const rows = body.matchAll(/^ {4}(\w+): \((.*)\) =>/gm);
  return Object.fromEntries([...rows].map(([, method, given]) => [method, quoted(given)]));
}
