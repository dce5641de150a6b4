// The result that the builder's find() gives, and the walk over its pages.
import assert from "node:assert/strict";

import { refusal } from "./surroundings.mjs";

// `query` is a sorted builder that finds exactly the items, in their order; there are five or more.
export async function checkPages(query, items) {
  const size = 2;
  const last = Math.ceil(items.length / size) - 1;
  let page = await query.limit(size).find();
  for (let number = 0; ; number += 1) {
    const expected = items.slice(number * size, number * size + size);
    assert.deepEqual(page.items, expected);
    assert.equal(page.length, expected.length);
    assert.equal(page.pageSize, size);
    assert.equal(page.currentPage, number);
    assert.equal(page.totalCount, items.length);
    assert.equal(page.totalPages, last + 1);
    assert.equal(page.hasPrev(), number > 0);
    assert.equal(page.hasNext(), number < last);
    if (number === last) break;
    page = await page.next();
  }
  assert.match((await refusal(page.next())).message, /No next page/);
  for (let number = last - 1; number >= 0; number -= 1) {
    page = await page.prev();
    assert.deepEqual(page.items, items.slice(number * size, number * size + size));
    assert.equal(page.currentPage, number);
  }
  assert.match((await refusal(page.prev())).message, /No previous page/);
  await checkEdges(query, items);
}

async function checkEdges(query, items) {
  const skipped = await query.skip(3).limit(100).find();
  assert.deepEqual(skipped.items, items.slice(3));
  assert.equal(skipped.pageSize, 100);
  assert.equal(skipped.currentPage, 0);
  assert.equal(skipped.totalCount, items.length);
  const beyond = await query.skip(items.length).limit(1).find();
  assert.deepEqual(beyond.items, []);
  assert.equal(beyond.hasNext(), false);
  assert.equal(beyond.totalCount, items.length);
  const counted = await query.limit(0).find();
  assert.deepEqual(counted.items, []);
  assert.equal(counted.totalCount, items.length);
  assert.equal(counted.totalPages, undefined);
  assert.equal(counted.hasNext(), false);
  const usual = await query.find();
  assert.equal(usual.pageSize, 50);
  assert.deepEqual(usual.items, items);
}
