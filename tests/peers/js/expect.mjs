// Runs all checks and reports one per line.

import assert from 'node:assert/strict';

let failed = 0;
let passed = 0;

// A missing response is also a failure.
setTimeout(() => {
  console.error('FAILED: no response to the last check within two minutes');
  process.exit(1);
}, 120_000).unref();

/** Runs one check; reports a failure and continues. */
export async function expect(what, action) {
  try {
    await action();
    passed += 1;
  } catch (error) {
    failed += 1;
    const reason = error.body ? JSON.stringify(error.body) : error.message;
    console.error(`FAILED ${what}: ${reason}`);
  }
}

/** Expects a rejection with this status and type, and a message that contains `message`. */
export async function rejected(action, type, message = '', status = 400) {
  try {
    await action();
  } catch (error) {
    assert.equal(error.name, 'InstantAPIError', error.stack);
    assert.deepEqual([error.status, error.body.type], [status, type], JSON.stringify(error.body));
    assert.ok(error.body.message.includes(message), error.body.message);
    assert.match(error.body['trace-id'], /^[0-9a-f]{32}$/);
    return error.body;
  }
  assert.fail(`not rejected with ${type}`);
}

/** Returns the first item; an empty stream is a failure. */
export async function first(items) {
  for await (const item of items) {
    return item;
  }
  return assert.fail('the stream is empty');
}

/** Prints the summary and exits. */
export function end(name) {
  console.log(`${name}: ${passed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
}
