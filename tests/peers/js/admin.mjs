// Runs Instant's JavaScript SDK against a server: admin.mjs URL LOG. The server writes magic codes
// to LOG.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { i, id, init, lookup } from '@instantdb/admin';

import { end, expect, first, rejected } from './expect.mjs';

const [apiURI, log] = process.argv.slice(2);
const made = await fetch(`${apiURI}/dash/apps/ephemeral`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: fs.readFileSync(fileURLToPath(new URL('../app.json', import.meta.url))),
});
assert.equal(made.status, 200, await made.clone().text());
const { app } = await made.json();
const appId = app.id;
const db = init({ appId, adminToken: app['admin-token'], apiURI });

const schema = i.schema({
  entities: {
    goals: i.entity({
      title: i.string().indexed(),
      slug: i.string().unique().optional(),
      rank: i.number().indexed().optional(),
      dueAt: i.date().indexed().optional(),
      meta: i.json().optional(),
    }),
    todos: i.entity({ title: i.string(), done: i.boolean().optional() }),
    $users: i.entity({ email: i.string().unique().indexed(), nickname: i.string().optional() }),
  },
  links: {
    todosGoal: {
      forward: { on: 'todos', has: 'one', label: 'goal' },
      reverse: { on: 'goals', has: 'many', label: 'todos' },
    },
    goalsOwner: {
      forward: { on: 'goals', has: 'one', label: 'owner' },
      reverse: { on: '$users', has: 'many', label: 'goals' },
    },
  },
});
const typed = init({ appId, adminToken: app['admin-token'], apiURI, schema });

const [fit, read, run, swim] = [id(), id(), id(), id()];

// Writes.
await expect('a transaction of several chunks returns its id', async () => {
  const { 'tx-id': txId } = await db.transact([
    db.tx.goals[fit].update({ title: 'Get fit', slug: 'fit', rank: 1, meta: { week: 1, tags: ['a'] } }),
    db.tx.goals[read].create({ title: 'Read more', slug: 'read', rank: 2, dueAt: new Date(0) }),
    db.tx.todos[run].update({ title: 'Run', done: false }).link({ goal: fit }),
    db.tx.todos[swim].update({ title: 'Swim', done: true }),
    db.tx.goals[fit].link({ todos: [swim] }),
  ]);
  assert.ok(Number.isInteger(txId), `${txId}`);
});
await expect('merge is deep, and null removes', async () => {
  await db.transact(db.tx.goals[fit].merge({ meta: { week: null, place: { city: 'Bonn' } } }));
  const { goals } = await db.query({ goals: { $: { where: { id: fit }, fields: ['meta'] } } });
  assert.deepEqual(goals, [{ id: fit, meta: { tags: ['a'], place: { city: 'Bonn' } } }]);
});
await expect('lookups update, create and link', async () => {
  await db.transact([
    db.tx.goals[lookup('slug', 'fit')].update({ rank: 10 }),
    db.tx.goals[lookup('slug', 'new')].update({ title: 'New' }),
    db.tx.todos[swim].link({ goal: lookup('slug', 'read') }),
  ]);
  const { goals } = await db.query({ goals: { $: { order: { title: 'asc' } }, todos: {} } });
  const shown = goals.map((goal) => [goal.slug, goal.rank, goal.todos.map((todo) => todo.title)]);
  assert.deepEqual(shown, [['fit', 10, ['Run']], ['new', null, []], ['read', 2, ['Swim']]]);
});
await expect('unlink and delete', async () => {
  await db.transact([
    db.tx.todos[swim].unlink({ goal: lookup('slug', 'read') }),
    db.tx.goals[lookup('slug', 'new')].delete(),
  ]);
  const { goals, todos } = await db.query({ goals: {}, todos: { $: { where: { id: swim } }, goal: {} } });
  assert.equal(goals.length, 2);
  assert.deepEqual(todos[0].goal, []);
});
await expect('deleting cascades', async () => {
  const [goal, todo] = [id(), id()];
  await db.transact([
    db.tx.goals[goal].update({ title: 'Short' }),
    db.tx.todos[todo].update({ title: 'Lived' }).link({ goal }),
  ]);
  await db.transact(db.tx.goals[goal].delete());
  assert.deepEqual(await db.query({ todos: { $: { where: { id: todo } } } }), { todos: [] });
});
await expect('strict updates reject missing entities', () =>
  rejected(
    () => db.transact(db.tx.goals[id()].update({ title: 'x' }, { upsert: false })),
    'validation-failed',
    "Updating entities that don't exist",
  ));
await expect('creating an existing entity is rejected', () =>
  rejected(
    () => db.transact(db.tx.goals[fit].create({ title: 'x' })),
    'validation-failed',
    'Creating entities that exist',
  ));
await expect('a duplicate unique value is rejected, and nothing is written', async () => {
  const other = id();
  const body = await rejected(
    () =>
      db.transact([
        db.tx.todos[other].update({ title: 'Lost' }),
        db.tx.goals[read].update({ slug: 'fit' }),
      ]),
    'record-not-unique',
  );
  assert.equal(body.hint.label, 'slug');
  assert.deepEqual(await db.query({ todos: { $: { where: { id: other } } } }), { todos: [] });
});
await expect('a value of the wrong type is rejected', () =>
  rejected(
    () => db.transact(db.tx.goals[fit].update({ rank: 'first' })),
    'validation-failed',
    'Invalid value type for goals.rank',
  ));
await expect('a client with a schema rejects unknown attributes', () =>
  rejected(
    () => init({ appId, adminToken: app['admin-token'], apiURI, schema, disableValidation: true }).transact(
      typed.tx.goals[fit].update({ colour: 'red' }),
    ),
    'validation-failed',
    'Attributes are missing in your schema',
  ));

// Queries.
await expect('operators and nesting', async () => {
  const titles = async (where) =>
    (await db.query({ goals: { $: { where, order: { rank: 'asc' } } } })).goals.map((goal) => goal.title);
  assert.deepEqual(await titles({ rank: { $lte: 10 } }), ['Read more', 'Get fit']);
  assert.deepEqual(await titles({ title: { $like: 'Get%' } }), ['Get fit']);
  assert.deepEqual(await titles({ title: { $ilike: 'get%' } }), ['Get fit']);
  assert.deepEqual(await titles({ slug: { $in: ['read', 'none'] } }), ['Read more']);
  assert.deepEqual(await titles({ slug: { $not: 'fit' } }), ['Read more']);
  assert.deepEqual(await titles({ dueAt: { $isNull: true } }), ['Get fit']);
  assert.deepEqual(await titles({ 'todos.title': 'Run' }), ['Get fit']);
  assert.deepEqual(await titles({ or: [{ rank: 2 }, { and: [{ rank: 10 }, { slug: 'fit' }] }] }), [
    'Read more',
    'Get fit',
  ]);
});
await expect('order, limit, offset and fields', async () => {
  const page = { order: { rank: 'desc' }, limit: 1, offset: 1, fields: ['title'] };
  assert.deepEqual(await db.query({ goals: { $: page } }), { goals: [{ id: read, title: 'Read more' }] });
});
await expect('a client with a schema gets links to one as one', async () => {
  const { todos } = await typed.query({ todos: { $: { where: { id: run } }, goal: {} } });
  assert.equal(todos[0].goal.title, 'Get fit');
});
await expect('an unknown namespace is empty', async () => {
  assert.deepEqual(await db.query({ nothing: {} }), { nothing: [] });
});
await expect('the server rejects what the SDK rejects', () =>
  rejected(
    () => init({ appId, adminToken: app['admin-token'], apiURI, disableValidation: true }).query({ goals: [] }),
    'validation-failed',
  ));
await expect('subscribeQuery returns the first result with page info', async () => {
  const subscription = typed.subscribeQuery({ goals: { $: { order: { rank: 'asc' }, first: 1 } } });
  try {
    const payload = await first(subscription);
    assert.equal(payload.type, 'ok', JSON.stringify(payload.error?.body));
    assert.deepEqual(payload.data.goals.map((goal) => goal.slug), ['read']);
    assert.equal(payload.pageInfo.goals.hasNextPage, true);
    assert.match(payload.sessionInfo.sessionId, /^[0-9a-f-]{36}$/);
  } finally {
    subscription.close();
  }
});
await expect('subscribeQuery reports an invalid query', async () => {
  const loose = init({ appId, adminToken: app['admin-token'], apiURI, disableValidation: true });
  const subscription = loose.subscribeQuery({ goals: { $: { limit: 'many' } } });
  try {
    const payload = await first(subscription);
    assert.deepEqual([payload.type, payload.error.body.type], ['error', 'validation-failed']);
  } finally {
    subscription.close();
  }
});

// Users and sessions.
const email = 'alyssa@example.com';
let token;
let user;
await expect('createToken creates a user, by email or by id', async () => {
  token = await db.auth.createToken({ email });
  user = await db.auth.getUser({ email: ' ALYSSA@example.com ' });
  assert.equal(user.email, email);
  assert.equal((await db.auth.getUser({ id: user.id })).id, user.id);
  assert.equal((await db.auth.getUser({ refresh_token: token })).id, user.id);
  assert.equal((await db.auth.verifyToken(token)).email, email);
  assert.notEqual(await db.auth.createToken({ id: user.id }), token);
});
await expect('a missing user is null', async () => {
  assert.equal(await db.auth.getUser({ email: 'nobody@example.com' }), null);
  assert.equal(await db.auth.deleteUser({ id: id() }), null);
});
await expect('an invalid email is rejected', async () => {
  const body = await rejected(() => db.auth.getUser({ email: 'alyssa' }), 'param-malformed');
  assert.deepEqual(body.hint.in, ['params', 'email']);
});
await expect('the cookie of a web front end identifies its user', async () => {
  const cookie = (value) => `instant_user_${appId}=${encodeURIComponent(JSON.stringify(value))}`;
  const request = (value) => new Request('http://localhost/', { headers: { cookie: cookie(value) } });
  const known = await db.auth.getUserFromRequest(request({ id: user.id, refresh_token: token }));
  assert.equal(known.email, email);
  await rejected(
    () => db.auth.getUserFromRequest(request({ id: user.id, refresh_token: id() })),
    'record-not-found',
    'app-user',
  );
});
await expect('signing out ends one session, or all of a user', async () => {
  const [one, two, three] = await Promise.all([1, 2, 3].map(() => db.auth.createToken({ email })));
  await db.auth.signOut({ refresh_token: one });
  await rejected(() => db.auth.verifyToken(one), 'record-not-found');
  assert.equal((await db.auth.verifyToken(two)).id, user.id);
  await db.auth.signOut({ id: user.id });
  await rejected(() => db.auth.verifyToken(three), 'record-not-found');
  token = await db.auth.createToken({ email });
  await db.auth.signOut({ email });
  await rejected(() => db.auth.verifyToken(token), 'record-not-found');
  await rejected(() => db.auth.signOut({ email: 'nobody@example.com' }), 'record-not-found');
  token = await db.auth.createToken({ email });
});
await expect('deleting a user returns the user', async () => {
  await db.auth.createToken({ email: 'gone@example.com' });
  assert.equal((await db.auth.deleteUser({ email: 'gone@example.com' })).email, 'gone@example.com');
  assert.equal(await db.auth.getUser({ email: 'gone@example.com' }), null);
});

// Magic codes.
const newcomer = 'newcomer@example.com';
await expect('a code signs in once, and fills the fields of a new user', async () => {
  const { code } = await db.auth.generateMagicCode(newcomer);
  assert.match(code, /^\d{6}$/);
  const extraFields = { nickname: 'New' };
  const first = await db.auth.checkMagicCode(newcomer, code, { extraFields });
  assert.deepEqual([first.created, first.user.nickname, first.user.type], [true, 'New', 'user']);
  assert.equal((await db.auth.verifyToken(first.user.refresh_token)).id, first.user.id);
  await rejected(() => db.auth.checkMagicCode(newcomer, code), 'record-not-found', 'app-user-magic-code');
});
await expect('the log of the server contains a sent code', async () => {
  const { code } = await db.auth.sendMagicCode(newcomer);
  assert.ok(fs.readFileSync(log, 'utf8').includes(`magic code for ${newcomer} in "peers": ${code}`));
  assert.equal((await db.auth.verifyMagicCode(newcomer, code)).email, newcomer);
});
await expect('an unknown field of a new user is rejected', async () => {
  const { code } = await db.auth.generateMagicCode('other@example.com');
  const extraFields = { colour: 'red' };
  await rejected(
    () => db.auth.checkMagicCode('other@example.com', code, { extraFields }),
    'validation-failed',
    'Unknown field: colour',
  );
});

// Acting as a user.
const asOwner = db.asUser({ email });
const asToken = init({ appId, apiURI }).asUser({ token });
const asGuest = init({ appId, apiURI }).asUser({ guest: true });
await expect('rules decide what users and guests see', async () => {
  await db.transact(db.tx.goals[fit].link({ owner: user.id }));
  const titles = async (who, opts) => (await who.query({ goals: {} }, opts)).goals.map((goal) => goal.title);
  assert.deepEqual(await titles(asOwner), ['Get fit']);
  assert.deepEqual(await titles(asToken), ['Get fit']);
  assert.deepEqual(await titles(asGuest), []);
  assert.deepEqual(await titles(asGuest, { ruleParams: { slug: 'read' } }), ['Read more']);
});
await expect('rules decide what users and guests change', async () => {
  await asToken.transact(db.tx.goals[fit].update({ title: 'Get fitter' }));
  await rejected(() => asToken.transact(db.tx.goals[read].update({ title: 'x' })), 'permission-denied');
  const body = await rejected(
    () => asGuest.transact(db.tx.todos[id()].update({ title: 'x' })),
    'permission-denied',
    'Permission denied: not perms-pass?',
  );
  assert.equal(body.hint.expected, 'perms-pass?');
});
await expect('acting as an unknown user is rejected', async () => {
  await rejected(() => db.asUser({ email: 'nobody@example.com' }).query({ goals: {} }), 'record-not-found');
  await rejected(() => db.asUser({ token: id() }).query({ goals: {} }), 'record-not-found');
  await rejected(() => db.asUser({ token: 'none' }).query({ goals: {} }), 'param-malformed');
});
await expect('debugQuery shows the check of each row', async () => {
  const { result, checkResults } = await asOwner.debugQuery({ goals: {} });
  assert.equal(result.goals.length, 1);
  const checks = checkResults.map((row) => [row.entity, row.record.slug, row.check]);
  assert.deepEqual(checks.sort(), [['goals', 'fit', true], ['goals', 'read', false]]);
  const rules = { goals: { allow: { view: 'request.origin == "here" && request.ip == "10.0.0.1"' } } };
  const opts = { rules, origin: 'here', ip: '10.0.0.1' };
  assert.equal((await asOwner.debugQuery({ goals: {} }, opts)).result.goals.length, 2);
  await rejected(() => asGuest.debugQuery({ goals: {} }, { rules }), 'param-missing', 'authorization');
});
await expect('debugTransact shows the checks and writes nothing', async () => {
  const step = db.tx.goals[read].update({ title: 'Changed' });
  const denied = await asOwner.debugTransact(step);
  assert.equal(denied['all-checks-ok?'], false);
  const rules = { goals: { allow: { update: 'true', view: 'true' } } };
  const allowed = await asOwner.debugTransact(step, { rules });
  assert.equal(allowed['all-checks-ok?'], true);
  assert.equal(allowed['committed?'], false);
  const { goals } = await db.query({ goals: { $: { where: { id: read } } } });
  assert.equal(goals[0].title, 'Read more');
});

// Files.
const bytes = Buffer.from('a few bytes');
const contents = async (url) => Buffer.from(await (await fetch(url)).arrayBuffer()).toString();
await expect('the URL of a file returns the uploaded bytes', async () => {
  const metadata = { contentType: 'text/plain', contentDisposition: 'attachment' };
  const { data } = await db.storage.uploadFile('notes/a.txt', bytes, metadata);
  const { $files } = await db.query({ $files: { $: { where: { path: 'notes/a.txt' } } } });
  assert.deepEqual([$files[0].id, $files[0].size], [data.id, bytes.length]);
  assert.deepEqual([$files[0]['content-type'], $files[0]['content-disposition']], ['text/plain', 'attachment']);
  assert.equal(await contents($files[0].url), 'a few bytes');
});
await expect('streams are uploaded, and replace a file', async () => {
  const large = Buffer.alloc(1 << 20, 'x');
  const first = await db.storage.uploadFile('large.bin', bytes);
  const second = await db.storage.uploadFile('large.bin', Readable.from([large]), { fileSize: large.length });
  assert.equal(second.data.id, first.data.id);
  const { $files } = await db.query({ $files: { $: { where: { path: 'large.bin' } } } });
  assert.equal((await contents($files[0].url)).length, large.length);
});
await expect('the deprecated file calls', async () => {
  assert.equal(await db.storage.upload('old/ä.txt', bytes, { contentType: 'text/plain' }), true);
  const names = (await db.storage.list()).map((file) => file.name);
  assert.deepEqual(names.sort(), ['large.bin', 'notes/a.txt', 'old/ä.txt']);
  assert.equal(await contents(await db.storage.getDownloadUrl('old/ä.txt')), 'a few bytes');
  assert.equal(await db.storage.getDownloadUrl('none'), null);
});
await expect('files are deleted by path, together, and by a transaction', async () => {
  assert.match((await db.storage.delete('old/ä.txt')).data.id, /^[0-9a-f-]{36}$/);
  assert.equal((await db.storage.delete('old/ä.txt')).data.id, null);
  assert.equal((await db.storage.deleteMany(['large.bin', 'none'])).data.ids.length, 1);
  await db.transact(db.tx.$files[lookup('path', 'notes/a.txt')].delete());
  assert.deepEqual(await db.query({ $files: {} }), { $files: [] });
});
await expect('rules decide who uploads and deletes', async () => {
  const own = `users/${user.id}/a.txt`;
  await asToken.storage.uploadFile(own, bytes);
  await rejected(
    () => asToken.storage.uploadFile('notes/a.txt', bytes),
    'permission-denied',
    'not has-storage-permission?',
  );
  await rejected(() => asGuest.storage.delete(own), 'permission-denied');
  assert.match((await asToken.storage.delete(own)).data.id, /^[0-9a-f-]{36}$/);
});

// Presence and rejected credentials.
await expect('a room without sessions has no peers', async () => {
  assert.deepEqual(await db.rooms.getPresence('chat', 'room-1'), {});
});
await expect('a wrong admin token is rejected', async () => {
  const stranger = init({ appId, adminToken: id(), apiURI });
  const body = await rejected(() => stranger.query({ goals: {} }), 'record-not-found', 'app-admin-token');
  assert.match(body.hint.message, /expired or invalid/);
  await rejected(() => stranger.auth.getUser({ email }), 'record-not-found');
  await rejected(() => stranger.rooms.getPresence('chat', 'room-1'), 'record-not-found');
  await rejected(() => init({ appId, adminToken: 'none', apiURI }).query({}), 'param-malformed');
});

end('JavaScript SDK');
