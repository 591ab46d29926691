// run.mjs BASE_URL: the public client of the contract, unchanged but for its base URL, does what a
// customer's service does with it: ingest, meters, queries, customers; and then what billing.mjs and
// tour.mjs do.
// Prints TAP.
import { OpenMeter } from '@openmeter/sdk';
import * as billing from './billing.mjs';
import * as tour from './tour.mjs';
import { done, is, ok, refusal } from './tap.mjs';

const base = process.argv[2];
const openmeter = new OpenMeter({ baseUrl: base });
const called = new Set();
const functions = tour.watch(openmeter, called);

const hour = (n) => new Date(Date.UTC(2026, 2, 1, n));
const event = (id, subject, time, data) => ({
  id,
  source: 'sdk-test',
  type: 'tokens',
  subject,
  time,
  data,
});

async function meters() {
  const meter = await openmeter.meters.create({
    slug: 'tokens_total',
    name: 'Tokens',
    eventType: 'tokens',
    aggregation: 'SUM',
    valueProperty: '$.tokens',
    groupBy: { model: '$.model' },
  });
  is(meter.slug, 'tokens_total', 'meters.create: its slug');
  is(meter.aggregation, 'SUM', 'meters.create: its aggregation');
  ok(meter.createdAt instanceof Date, 'meters.create: times are read as dates', meter);
  is((await openmeter.meters.get('tokens_total')).id, meter.id, 'meters.get by slug');
  is((await openmeter.meters.get(meter.id)).slug, 'tokens_total', 'meters.get by id');
  is((await openmeter.meters.list()).map((m) => m.id), [meter.id], 'meters.list');
  const changed = await openmeter.meters.update('tokens_total', {
    name: 'All tokens',
    groupBy: { model: '$.model' },
  });
  is(changed.name, 'All tokens', 'meters.update');
  is(await refusal(() => openmeter.meters.get('none')), 404, 'meters.get: 404 is an HTTPError');
}

async function ingest() {
  const one = event('e1', 'acme', hour(0), { tokens: 10, model: 'large' });
  await openmeter.events.ingest(one);
  ok(true, 'events.ingest: one');
  await openmeter.events.ingest([
    event('e2', 'acme', hour(1), { tokens: '2.5', model: 'small' }),
    event('e3', 'acme', hour(25), { tokens: 4, model: 'large' }),
    event('e4', 'globex', hour(2), { tokens: 100, model: 'large' }),
  ]);
  ok(true, 'events.ingest: a batch');
  await openmeter.events.ingest([one, { ...one, data: { tokens: 999, model: 'large' } }]);
  ok(true, 'events.ingest: the same again');
  const listed = await openmeter.events.list({ subject: 'acme' });
  is(listed.map((e) => e.event.id).sort(), ['e1', 'e2', 'e3'], 'events.list: each once');
  await openmeter.events.ingest({ type: 'pings', subject: 'acme' });
  ok(true, 'events.ingest: id, source and time are the client\'s defaults');
}

async function queries() {
  const all = await openmeter.meters.query('tokens_total');
  is(all.data.map((row) => row.value), [116.5], 'meters.query: the total, duplicates counted once');

  const days = await openmeter.meters.query('tokens_total', {
    from: hour(0),
    to: hour(48),
    windowSize: 'DAY',
    subject: ['acme'],
  });
  is(
    days.data.map((row) => [row.subject, row.windowStart, row.windowEnd, row.value]),
    [
      ['acme', hour(0), hour(24), 12.5],
      ['acme', hour(24), hour(48), 4],
    ],
    'meters.query: windows of a day of one subject',
  );
  is(days.windowSize, 'DAY', 'meters.query: the window is named in the answer');

  const models = await openmeter.meters.query('tokens_total', { groupBy: ['model', 'subject'] });
  is(
    models.data.map((row) => [row.subject, row.groupBy.model, row.value]).sort(),
    [
      ['acme', 'large', 14],
      ['acme', 'small', 2.5],
      ['globex', 'large', 100],
    ],
    'meters.query: by model and subject',
  );

  const filtered = await openmeter.meters.query('tokens_total', { filterGroupBy: { model: 'small' } });
  is(filtered.data.map((row) => row.value), [2.5], 'meters.query: one model only');

  const posted = await openmeter.meters.queryPost('tokens_total', {
    windowSize: 'HOUR',
    from: hour(0),
    to: hour(2),
    groupBy: ['model'],
  });
  is(
    posted.data.map((row) => [row.groupBy.model, row.windowStart, row.value]),
    [
      ['large', hour(0), 10],
      ['small', hour(1), 2.5],
    ],
    'meters.queryPost: windows of an hour by model',
  );
  is(
    await openmeter.meters.listGroupByValues('tokens_total', 'model', { from: hour(0) }),
    ['large', 'small'],
    'meters.listGroupByValues',
  );
}

async function customers() {
  const acme = await openmeter.customers.create({
    name: 'Acme',
    key: 'acme-inc',
    currency: 'EUR',
    primaryEmail: 'billing@acme.example',
    usageAttribution: { subjectKeys: ['acme'] },
    billingAddress: { country: 'DE', city: 'Berlin' },
  });
  is(acme.usageAttribution.subjectKeys, ['acme'], 'customers.create: its subjects');
  is(acme.billingAddress.city, 'Berlin', 'customers.create: its address');
  is((await openmeter.customers.get(acme.id)).key, 'acme-inc', 'customers.get by id');
  is((await openmeter.customers.get('acme-inc')).id, acme.id, 'customers.get by key');
  await openmeter.customers.create({ name: 'Globex', usageAttribution: { subjectKeys: ['globex'] } });
  const page = await openmeter.customers.list({ page: 1, pageSize: 10, orderBy: 'name' });
  is(page.items.map((c) => c.name), ['Acme', 'Globex'], 'customers.list: by name');
  is(page.totalCount, 2, 'customers.list: how many there are');
  const changed = await openmeter.customers.update(acme.id, {
    name: 'Acme & Sons',
    key: 'acme-inc',
    usageAttribution: { subjectKeys: ['acme'] },
  });
  is(changed.name, 'Acme & Sons', 'customers.update');
  const taken = { name: 'Twin', usageAttribution: { subjectKeys: ['acme'] } };
  is(await refusal(() => openmeter.customers.create(taken)), 409, 'customers.create: a subject has one owner');
  const billed = await openmeter.meters.query('tokens_total', { filterCustomerId: [acme.id] });
  is(billed.data.map((row) => row.value), [16.5], 'meters.query: the usage of a customer');
  await openmeter.customers.delete(acme.id);
  ok((await openmeter.customers.get(acme.id)).deletedAt instanceof Date, 'customers.delete');
}

async function run(part) {
  try {
    await part(openmeter, base);
  } catch (error) {
    ok(false, `${part.name} runs to its end`, { message: error.message, stack: error.stack });
  }
}

for (const part of [meters, ingest, queries, customers]) await run(part);
await openmeter.meters.delete('tokens_total');
is(await openmeter.meters.list(), [], 'meters.delete');
const { catalog, subscriptions, profiles, drafts, unpaid, custom, addons } = billing;
for (const part of [catalog, subscriptions, profiles, drafts, unpaid, custom, addons]) await run(part);
const { features, subjects, events, plans, lives, invoices, apps, refusals } = tour;
for (const part of [features, subjects, events, plans, tour.addons, lives, invoices, apps, refusals]) await run(part);
ok(functions.length > 70, 'the functions of the client are known', functions.length);
is(functions.filter((name) => !called.has(name)), [], 'every function of the client was tried');
done();
