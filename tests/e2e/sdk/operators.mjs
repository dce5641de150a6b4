// Every operator that the SDK's types allow for a field, tried on known items in both forms.
import assert from "node:assert/strict";

import { builderMethods, queryFields } from "./typings.mjs";

// The builder's methods that ask for something, by the operator that they send.
export const METHODS = {
  $eq: "eq",
  $ne: "ne",
  $gt: "gt",
  $gte: "ge",
  $lt: "lt",
  $lte: "le",
  $in: "in",
  $startsWith: "startsWith",
  $exists: "exists",
  $hasSome: "hasSome",
  $hasAll: "hasAll",
};

export const comparable = (value) => {
  if (value instanceof Date) return value.getTime();
  return typeof value === "string" ? value.toLowerCase() : value;
};

// The values of a field, which are many for lists and none where it is missing.
export function valuesOf(item, field) {
  const value = field.split(".").reduce((part, name) => part?.[name], item);
  return [value?.items ?? value ?? []].flat();
}

const exact = (value) => (value instanceof Date ? value.getTime() : value);
const anyOf = (test) => (values, given) => values.some((value) => test(value, given));
const isSame = (value, given) => exact(value) === exact(given);
const MEANINGS = {
  $eq: anyOf(isSame),
  $ne: (values, given) => !MEANINGS.$eq(values, given),
  $gt: anyOf((value, given) => exact(value) > exact(given)),
  $gte: anyOf((value, given) => exact(value) >= exact(given)),
  $lt: anyOf((value, given) => exact(value) < exact(given)),
  $lte: anyOf((value, given) => exact(value) <= exact(given)),
  $in: (values, given) => given.some((one) => MEANINGS.$eq(values, one)),
  $startsWith: anyOf((value, given) => comparable(value).startsWith(comparable(given))),
  $exists: (values, given) => values.length > 0 === given,
  $hasSome: (values, given) => MEANINGS.$in(values, given),
  $hasAll: (values, given) => given.every((one) => MEANINGS.$eq(values, one)),
};

const swapped = (text) =>
  [...text].map((c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())).join("");

// What to ask for, chosen so that some items match and others do not.
function samples(items, field, operator) {
  const found = items.flatMap((item) => valuesOf(item, field));
  const known = [...new Map(found.map((value) => [exact(value), value])).values()];
  known.sort((a, b) => (exact(a) < exact(b) ? -1 : 1));
  const middle = known[Math.floor(known.length / 2)];
  if (operator === "$exists") return [true, false];
  if (operator === "$startsWith") return [middle.slice(0, 4), swapped(middle.slice(0, 4))];
  if (operator === "$in" || operator === "$hasSome") return [[known[0], known.at(-1)], [middle]];
  if (operator === "$hasAll") return [[known[0], known[1]], [known[0]]];
  return [middle];
}

const isPartial = (expected, items) => expected.length > 0 && expected.length < items.length;

// Whether the query, built and typed, finds of the items those that the operator means.
export async function checkOperator({ noun, items, identify, field, operator }) {
  const asked = samples(items, field, operator);
  const isAlwaysThere = items.every((item) => valuesOf(item, field).length > 0);
  for (const value of asked) {
    const expected = items
      .filter((item) => MEANINGS[operator](valuesOf(item, field), value))
      .map(identify)
      .sort();
    if (!isAlwaysThere || operator !== "$exists") {
      assert.ok(isPartial(expected, items), `${field} ${operator} ${value} tells nothing apart`);
    }
    const told = `${field} ${operator} ${JSON.stringify(value)}`;
    const built = await noun.builder()[METHODS[operator]](field, structuredClone(value)).find();
    assert.deepEqual(built.items.map(identify).sort(), expected, told);
    assert.equal(built.totalCount, expected.length, told);
    const filter = () => ({ [field]: { [operator]: structuredClone(value) } });
    const typed = await noun.typed({ filter: filter() });
    assert.deepEqual(noun.itemsOf(typed).map(identify).sort(), expected, told);
    const rest = await noun.typed({ filter: { $not: filter() } });
    assert.equal(rest.pagingMetadata.total, items.length - expected.length, `not ${told}`);
  }
}

// Missing values come last upwards and first downwards; ties are left to the caller.
export async function checkSort({ noun, items, identify, field }) {
  const keyOf = (item) => comparable(valuesOf(item, field)[0]);
  const compare = (a, b) => {
    if (a === b) return 0;
    if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
    return a < b ? -1 : 1;
  };
  const upwards = items.map(keyOf).sort(compare);
  for (const [method, order, expected] of [
    ["ascending", "ASC", upwards],
    ["descending", "DESC", [...upwards].reverse()],
  ]) {
    const built = await noun.builder()[method](field).find();
    assert.deepEqual(built.items.map(keyOf), expected, `${field} ${order}`);
    assert.deepEqual(built.items.map(identify).sort(), items.map(identify).sort());
    const typed = await noun.typed({ sort: [{ fieldName: field, order }] });
    assert.deepEqual(noun.itemsOf(typed), built.items, `${field} ${order}`);
  }
}

// One test for each field and operator, and one for each sort, of all that the types allow.
export function testOperators(test, module, prepare) {
  const fields = queryFields(module);
  for (const { field, operators, isSortable } of fields) {
    for (const operator of operators) {
      test(`${field} ${operator} finds what it says`, async () => {
        await checkOperator({ ...(await prepare()), field, operator });
      });
    }
    if (isSortable) {
      test(`${field} sorts upwards and downwards`, async () => {
        await checkSort({ ...(await prepare()), field });
      });
    }
  }

  test("the builder's typed methods are the operators tested here", () => {
    const methods = builderMethods(module);
    const byMethod = Object.fromEntries(
      Object.entries(METHODS).map(([operator, method]) => [
        method,
        fields.filter(({ operators }) => operators.includes(operator)).map(({ field }) => field),
      ]),
    );
    const sortable = fields.filter(({ isSortable }) => isSortable).map(({ field }) => field);
    const known = { ...byMethod, ascending: sortable, descending: sortable };
    for (const [method, named] of Object.entries(methods)) {
      if (["limit", "skip", "find"].includes(method)) continue;
      assert.ok(method in known, method);
      for (const field of named) assert.ok(known[method].includes(field), `${method} ${field}`);
    }
  });
}
