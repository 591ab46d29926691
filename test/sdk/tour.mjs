// tour.mjs: every function of the public client that the other files do not use: catalog, customers,
// subscriptions, invoices, apps. And what it makes of refusals.
import { isHTTPError } from '@openmeter/sdk';
import { is, ok, refusal } from './tap.mjs';

const instant = (text) => new Date(`${text}Z`);

const flat = (key, amount) => ({
  type: 'flat_fee',
  key,
  name: key,
  billingCadence: 'P1M',
  price: { type: 'flat', amount, paymentTerm: 'in_advance' },
});

const planBody = (key, cards) => ({
  key,
  name: key,
  currency: 'USD',
  billingCadence: 'P1M',
  metadata: { team: 'tour' },
  phases: [{ key: 'main', name: 'Main', duration: null, rateCards: cards }],
});

export async function features(openmeter) {
  const meter = await openmeter.meters.create({
    slug: 'tour_calls',
    name: 'Tour calls',
    eventType: 'tour',
    aggregation: 'SUM',
    valueProperty: '$.n',
    groupBy: { region: '$.region' },
    metadata: { a: 'b' },
  });
  is(meter.metadata, { a: 'b' }, 'meters.create: its metadata');
  const feature = await openmeter.features.create({
    key: 'tour_calls',
    name: 'Tour calls',
    meterSlug: 'tour_calls',
    meterGroupByFilters: { region: 'eu' },
    metadata: { c: 'd' },
  });
  is(feature.meterGroupByFilters, { region: 'eu' }, 'features.create: its filters');
  is((await openmeter.features.get(feature.id)).key, 'tour_calls', 'features.get by id');
  is((await openmeter.features.get('tour_calls')).metadata, { c: 'd' }, 'features.get by key');
  const plain = await openmeter.features.list({ meterSlug: ['tour_calls'] });
  is(plain.map((f) => f.id), [feature.id], 'features.list: an array');
  const page = await openmeter.features.list({ page: 1, pageSize: 1 });
  is([page.page, page.pageSize, page.items.length], [1, 1, 1], 'features.list: a page');
  const dead = await openmeter.features.create({ key: 'tour_dead', name: 'Dead' });
  await openmeter.features.delete(dead.id);
  ok((await openmeter.features.get(dead.id)).archivedAt instanceof Date, 'features.delete archives');
  is((await openmeter.features.list({ includeArchived: true })).some((f) => f.id === dead.id), true, 'features.list: archived ones');
}

export async function subjects(openmeter) {
  const [one] = await openmeter.subjects.upsert([{ key: 'tour-web', displayName: 'Web', metadata: { a: 1 } }]);
  is([one.key, one.displayName], ['tour-web', 'Web'], 'subjects.upsert');
  is((await openmeter.subjects.get('tour-web')).id, one.id, 'subjects.get');
  ok((await openmeter.subjects.list()).some((s) => s.key === 'tour-web'), 'subjects.list');
  await openmeter.subjects.delete('tour-web');
  is(await refusal(() => openmeter.subjects.get('tour-web')), 404, 'subjects.delete');
}

export async function events(openmeter) {
  await openmeter.events.ingest([1, 2, 3].map((n) => ({
    id: `tour-${n}`,
    source: 'tour',
    type: 'tour',
    subject: 'tour-app',
    time: instant(`2026-05-01T0${n}:00:00`),
    data: { n, region: 'eu' },
  })));
  const first = await openmeter.events.listV2({ limit: 2, filter: JSON.stringify({ subject: { $eq: 'tour-app' } }) });
  is(first.items.length, 2, 'events.listV2: a page');
  const rest = await openmeter.events.listV2({ limit: 2, cursor: first.nextCursor, filter: JSON.stringify({ subject: { $eq: 'tour-app' } }) });
  is(rest.items.length, 1, 'events.listV2: the next page');
}

export async function plans(openmeter) {
  const draft = await openmeter.plans.create(planBody('tour', [flat('fee', '10')]));
  is(draft.metadata, { team: 'tour' }, 'plans.create: metadata');
  const { key, currency, ...body } = planBody('tour', [flat('fee', '12')]);
  const changed = await openmeter.plans.update(draft.id, { ...body, name: 'The tour' });
  is([changed.name, changed.phases[0].rateCards[0].price.amount], ['The tour', '12'], 'plans.update');
  await openmeter.plans.publish(draft.id);
  is((await openmeter.plans.list({ key: ['tour'], status: ['active'] })).totalCount, 1, 'plans.list');
  is(await refusal(() => openmeter.plans.update(draft.id, { ...body, name: 'No' })), 400, 'plans.update: only drafts');
  const gone = await openmeter.plans.create(planBody('tour_gone', [flat('fee', '1')]));
  await openmeter.plans.delete(gone.id);
  ok((await openmeter.plans.get(gone.id)).deletedAt instanceof Date, 'plans.delete');
  const old = await openmeter.plans.create(planBody('tour_old', [flat('fee', '1')]));
  await openmeter.plans.publish(old.id);
  is((await openmeter.plans.archive(old.id)).status, 'archived', 'plans.archive');
}

export async function addons(openmeter) {
  const body = { name: 'Extra', currency: 'USD', instanceType: 'single', rateCards: [flat('extra', '3')] };
  const addon = await openmeter.addons.create({ ...body, key: 'tour_extra' });
  const { currency, ...update } = body;
  is((await openmeter.addons.update(addon.id, { ...update, name: 'Extra!' })).name, 'Extra!', 'addons.update');
  await openmeter.addons.publish(addon.id);
  is((await openmeter.addons.get('tour_extra')).id, addon.id, 'addons.get by key');
  is((await openmeter.addons.list({ key: ['tour_extra'] })).totalCount, 1, 'addons.list');

  const plan = await openmeter.plans.create(planBody('tour_addable', [flat('fee', '10')]));
  const put = await openmeter.plans.addons.create(plan.id, { addonId: addon.id, fromPlanPhase: 'main' });
  is((await openmeter.plans.addons.get(plan.id, put.addon.id)).fromPlanPhase, 'main', 'plans.addons.get');
  is((await openmeter.plans.addons.list(plan.id, {})).totalCount, 1, 'plans.addons.list');
  const set = await openmeter.plans.addons.update(plan.id, put.addon.id, { fromPlanPhase: 'main', metadata: { x: 'y' } });
  is(set.metadata, { x: 'y' }, 'plans.addons.update');
  await openmeter.plans.addons.delete(plan.id, put.addon.id);
  is((await openmeter.plans.addons.list(plan.id, {})).totalCount, 0, 'plans.addons.delete');

  const gone = await openmeter.addons.create({ ...body, key: 'tour_extra_gone' });
  await openmeter.addons.delete(gone.id);
  is((await openmeter.addons.list({ key: ['tour_extra_gone'] })).totalCount, 0, 'addons.delete');
  is((await openmeter.addons.archive(addon.id)).status, 'archived', 'addons.archive');
}

export async function lives(openmeter) {
  const acme = await openmeter.customers.create({ key: 'tour-acme', name: 'Tour', usageAttribution: { subjectKeys: ['tour-app'] }, metadata: { m: 'n' } });
  const later = await openmeter.subscriptions.create({ customerKey: 'tour-acme', plan: { key: 'tour' }, timing: instant('2027-01-01T00:00:00') });
  is(later.status, 'scheduled', 'subscriptions.create: later');
  is((await openmeter.subscriptions.get(later.id)).alignment.billablesMustAlign, true, 'subscriptions.get: its alignment');
  await openmeter.subscriptions.delete(later.id);
  is((await openmeter.customers.listSubscriptions('tour-acme', { status: ['scheduled'] })).totalCount, 0, 'subscriptions.delete');
  const { key, ...customPlan } = planBody('own', [flat('fee', '7')]);
  const own = await openmeter.subscriptions.create({ customerId: acme.id, customPlan });
  is([own.status, own.plan], ['active', undefined], 'subscriptions.create: without a plan');
  await openmeter.customers.apps.upsert('tour-acme', [{ type: 'sandbox', testCard: '4242424242424242' }]);
  const data = await openmeter.customers.apps.list('tour-acme', { type: 'sandbox' });
  is(data.items.map((item) => item.type), ['sandbox'], 'customers.apps.list');
  await openmeter.customers.apps.delete('tour-acme', data.items[0].app.id);
  is((await openmeter.customers.apps.list('tour-acme', {})).totalCount, 0, 'customers.apps.delete');
}

const period = { from: instant('2026-05-01T00:00:00'), to: instant('2026-05-02T00:00:00') };

export async function invoices(openmeter) {
  const initech = await openmeter.customers.create({ key: 'tour-initech', name: 'Tour Initech', usageAttribution: { subjectKeys: ['tour-initech'] } });
  await openmeter.billing.customers.createOverride(initech.id, {
    workflow: { collection: { interval: 'P1D' }, invoicing: { autoAdvance: false } },
  });
  await openmeter.events.ingest({ id: 'i1', source: 'tour', type: 'tour', subject: 'tour-initech', time: instant('2026-05-01T01:00:00'), data: { n: 5, region: 'eu' } });
  await openmeter.billing.invoices.createLineItems(initech.id, {
    currency: 'USD',
    lines: [
      { name: 'Calls', period, invoiceAt: period.to, rateCard: { featureKey: 'tour_calls', price: { type: 'unit', amount: '2' }, discounts: { percentage: { percentage: 10 } } } },
    ],
  });
  const [draft] = await openmeter.billing.invoices.invoicePendingLines({ customerId: initech.id, progressiveBillingOverride: true });
  is(draft.statusDetails.extendedStatus, 'draft.waiting_for_collection', 'it waits for late events');
  const taken = await openmeter.billing.invoices.snapshotQuantities(draft.id);
  is([taken.statusDetails.extendedStatus, taken.totals.total], ['draft.manual_approval_needed', '9.00'], 'billing.invoices.snapshotQuantities');
  const [line] = taken.lines;
  is(line.children[0].rateCard.price.amount, '2', 'a part names its price');
  is(line.discounts ?? {}, {}, 'a percentage is of the parts');
  const edited = await openmeter.billing.invoices.update(draft.id, {
    supplier: { name: 'Us', taxId: { code: 'DE1' } },
    customer: { name: 'Initech Ltd', taxId: { code: 'FR2' } },
    metadata: { note: 'edited' },
    workflow: { workflow: { invoicing: { autoAdvance: false, draftPeriod: 'P0D', dueAfter: 'P3D' }, payment: { collectionMethod: 'send_invoice' } } },
    lines: [
      { id: line.id, name: 'Calls', period: line.period, invoiceAt: line.invoiceAt, rateCard: line.rateCard },
      { name: 'Help', period, invoiceAt: period.to, rateCard: { price: { type: 'flat', amount: '1' } } },
    ],
  });
  is(edited.lines.map((l) => [l.name, l.totals.total]), [['Calls', '9.00'], ['Help', '1.00']], 'billing.invoices.update: its lines');
  is([edited.customer.taxId.code, edited.supplier.taxId.code, edited.metadata], ['FR2', 'DE1', { note: 'edited' }], 'billing.invoices.update: the rest');
  is(edited.workflow.workflow.payment.collectionMethod, 'send_invoice', 'billing.invoices.update: settings');
  const snapped = await openmeter.billing.invoices.snapshotQuantities(draft.id).catch((error) => error);
  ok(!isHTTPError(snapped) || snapped.status === 400, 'billing.invoices.snapshotQuantities: again');
  const full = await openmeter.billing.invoices.list({ customers: [initech.id], expand: ['lines', 'preceding', 'workflow.apps'] });
  is(full.items[0].workflow.apps.invoicing.type, 'sandbox', 'billing.invoices.list: whole apps');
  await openmeter.billing.customers.deleteOverride(initech.id);
  is((await openmeter.billing.customers.getOverride(initech.id)).customerOverride, undefined, 'billing.customers.deleteOverride');
}

export async function apps(openmeter) {
  const made = await openmeter.billing.profiles.list({});
  const gone = await openmeter.billing.profiles.create({
    name: 'Gone',
    default: false,
    supplier: { name: 'Us' },
    workflow: {},
    apps: made.items[0].apps && { tax: made.items[0].apps.tax.id, invoicing: made.items[0].apps.invoicing.id, payment: made.items[0].apps.payment.id },
  });
  await openmeter.billing.profiles.delete(gone.id);
  ok((await openmeter.billing.profiles.list({})).items.every((p) => p.id !== gone.id), 'billing.profiles.delete');
  is(await refusal(() => openmeter.apps.marketplace.installWithAPIKey('sandbox', { apiKey: 'k' })), 400, 'apps.marketplace.installWithAPIKey: none takes one');
  is(await refusal(() => openmeter.apps.marketplace.getOauth2InstallUrl('sandbox')), 400, 'apps.marketplace.getOauth2InstallUrl: likewise');
  is(await refusal(() => openmeter.apps.marketplace.authorizeOauth2('sandbox')), 400, 'apps.marketplace.authorizeOauth2: likewise');
  ok((await openmeter.info.listCurrencies()).some((c) => c.code === 'EUR'), 'info.listCurrencies');
}

// What is wrong with a body is named, and nothing comes of it.
async function fields(call) {
  try {
    await call();
  } catch (error) {
    if (!isHTTPError(error)) throw error;
    return [error.status, error.getField?.('extensions')?.validationErrors?.map((e) => e.field)];
  }
  return 'done';
}

export async function refusals(openmeter) {
  const before = (await openmeter.customers.list({})).totalCount;
  is(await fields(() => openmeter.customers.create({ key: 'x' })), [400, ['name']], 'a customer without a name');
  is(
    await fields(() => openmeter.customers.create({ name: 'X', currency: 'dollars', billingAddress: { country: 'Germany' } })),
    [400, ['currency', 'billingAddress.country']],
    'two faults at once',
  );
  is((await openmeter.customers.list({})).totalCount, before, 'nobody was made');
  is(
    (await fields(() => openmeter.plans.create({ ...planBody('bad', [{ ...flat('fee', '-1') }]), currency: 'usd' })))[0],
    400,
    'a plan with a price below zero',
  );
  is(await refusal(() => openmeter.plans.get('bad')), 404, 'no plan was made');
  is(await fields(() => openmeter.meters.create({ slug: 'Bad Slug', eventType: 'x', aggregation: 'SUM' })), [400, ['slug']], 'a meter');
  is(await fields(() => openmeter.meters.create({ slug: 'good', eventType: 'x', aggregation: 'SUM' })), [400, ['valueProperty']], 'a meter that sums nothing');
  is(await refusal(() => openmeter.subscriptions.get('01ARZ3NDEKTSV4RRFFQ69G5FAV')), 404, 'no such subscription');
  is(await refusal(() => openmeter.billing.invoices.get('nonsense')), 404, 'no such invoice');
  is(await refusal(() => openmeter.subscriptions.create({ customerKey: 'tour-acme', plan: { key: 'tour' } })), 409, 'a subscription that overlaps');
  await openmeter.customers.create({ key: 'tour-gone', name: 'Gone' });
  await openmeter.customers.delete('tour-gone');
  is(await refusal(() => openmeter.customers.update('tour-gone', { name: 'Back' })), 404, 'the key of a deleted customer is nobody');
}

// What a client of this version has no use of here: entitlements, Stripe.
const LATER = /^(customers\.(stripe|entitlements|entitlementsV1|getAccess)|apps\.stripe|debug|info\.getProgress)\b/;
const ROOMS = ['addons', 'apps', 'billing', 'customers', 'events', 'features', 'info', 'meters', 'plans', 'subjects', 'subscriptionAddons', 'subscriptions'];

// Notes each call of the client's functions in `called`; returns the names of all there are.
export function watch(openmeter, called) {
  const names = [];
  const visit = (room, path) => {
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(room))) {
      const own = room[name];
      if (name === 'constructor' || typeof own !== 'function') continue;
      names.push(`${path}.${name}`);
      room[name] = (...args) => {
        called.add(`${path}.${name}`);
        return own.apply(room, args);
      };
    }
    for (const [name, inner] of Object.entries(room)) {
      if (name !== 'client' && inner && typeof inner === 'object') visit(inner, `${path}.${name}`);
    }
  };
  for (const room of ROOMS) visit(openmeter[room], room);
  return names.filter((name) => !LATER.test(name));
}
