// Queries with Instant's SDK for JavaScript: query.cjs URL CONCURRENCY COUNT. ../src/peers.rs describes the lines that it reads and writes.

const readline = require('node:readline');
const { init } = require('@instantdb/admin');

const [url, concurrency, count] = process.argv.slice(2);
const app = '00000000-0000-4000-8000-000000000001';
const db = init({ appId: app, adminToken: app, apiURI: url });
const query = { goals: { $: { where: { rank: { $gt: 5 } }, order: { rank: 'asc' }, limit: 10 } } };

async function round() {
  let left = Number(count);
  const ask = async () => {
    while (left-- > 0) {
      const { goals } = await db.query(query);
      if (goals.length !== 10) throw new Error(`${goals.length} rows`);
    }
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, ask));
  console.log('done');
}

const lines = readline.createInterface({ input: process.stdin });
lines.on('line', round);
lines.on('close', () => process.exit());
