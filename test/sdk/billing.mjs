// billing.mjs: what a billing team does with the public client: catalog, subscriptions and their
// changes, billing profiles, invoices and their actions, custom invoicing. The server stands at
// 2026-03-04 and is moved by its test clock, which the client does not know.
import { is, ok, refusal } from './tap.mjs';

const instant = (text) => new Date(`${text}Z`);

async function advance(base, to) {
  const answer = await fetch(`${base}/v3/test-clock/advance`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ to }),
  });
  ok(answer.ok, `the clock goes to ${to}`, { status: answer.status });
}

const plan = (key, amount, calls) => ({
  key,
  name: key,
  currency: 'USD',
  billingCadence: 'P1M',
  phases: [
    {
      key: 'main',
      name: 'Main',
      duration: null,
      rateCards: [
        {
          type: 'flat_fee',
          key: 'fee',
          name: 'Fee',
          billingCadence: 'P1M',
          price: { type: 'flat', amount, paymentTerm: 'in_arrears' },
        },
        {
          type: 'usage_based',
          key: 'calls',
          name: 'Calls',
          featureKey: 'calls',
          billingCadence: 'P1M',
          price: { type: 'unit', amount: calls },
        },
      ],
    },
  ],
});

export async function catalog(openmeter) {
  await openmeter.meters.create({ slug: 'calls', eventType: 'call', aggregation: 'COUNT' });
  await openmeter.features.create({ key: 'calls', name: 'Calls', meterSlug: 'calls' });
  for (const body of [plan('basic', '30', '1'), plan('pro', '60', '0.5')]) {
    const made = await openmeter.plans.create(body);
    is(made.status, 'draft', `plans.create: ${body.key}`);
    is((await openmeter.plans.publish(made.id)).status, 'active', `plans.publish: ${body.key}`);
  }
  is((await openmeter.plans.get('basic')).version, 1, 'plans.get by key');
}

export async function subscriptions(openmeter, base) {
  const acme = await openmeter.customers.create({
    key: 'acme-billed',
    name: 'Acme Billed',
    usageAttribution: { subjectKeys: ['acme-billed-web'] },
  });
  await advance(base, '2026-04-01T00:00:00Z');
  const basic = await openmeter.subscriptions.create({ customerKey: 'acme-billed', plan: { key: 'basic' } });
  is(basic.status, 'active', 'subscriptions.create');
  is(
    await refusal(() => openmeter.subscriptions.create({ customerKey: 'acme-billed', plan: { key: 'pro' } })),
    409,
    'subscriptions.create: one at a time',
  );
  await openmeter.events.ingest({
    id: 'call-1',
    source: 'sdk-test',
    type: 'call',
    subject: 'acme-billed-web',
    time: instant('2026-04-02T00:00:00'),
  });
  const gathering = await openmeter.billing.invoices.list({ customers: [acme.id], expand: ['lines'] });
  is(gathering.items.map((i) => [i.status, i.totals.total]), [['gathering', '31.00']], 'billing.invoices.list: what gathers');

  await advance(base, '2026-04-16T00:00:00Z');
  const changed = await openmeter.subscriptions.change(basic.id, { timing: 'immediate', plan: { key: 'pro' } });
  is([changed.current.status, changed.next.status], ['inactive', 'active'], 'subscriptions.change');
  is(changed.next.activeFrom, instant('2026-04-16T00:00:00'), 'subscriptions.change: from now on');

  const edited = await openmeter.subscriptions.edit(changed.next.id, {
    timing: 'immediate',
    customizations: [
      {
        op: 'add_item',
        phaseKey: 'main',
        rateCard: {
          type: 'flat_fee',
          key: 'support',
          name: 'Support',
          billingCadence: 'P1M',
          price: { type: 'flat', amount: '10', paymentTerm: 'in_arrears' },
        },
      },
    ],
  });
  is(edited.id, changed.next.id, 'subscriptions.edit');
  const whole = await openmeter.subscriptions.get(edited.id);
  is(whole.phases[0].items.map((item) => item.key).sort(), ['calls', 'fee', 'support'], 'subscriptions.get: its items');

  const second = await openmeter.plans.create(plan('pro', '80', '0.5'));
  is(second.version, 2, 'plans.create: the next version');
  await openmeter.plans.publish(second.id);
  is((await openmeter.subscriptions.get(edited.id)).plan.version, 1, 'who has subscribed keeps the version');
  const migrated = await openmeter.subscriptions.migrate(edited.id, { timing: 'next_billing_cycle' });
  is([migrated.next.plan.version, migrated.next.status], [2, 'scheduled'], 'subscriptions.migrate');

  const listed = await openmeter.customers.listSubscriptions('acme-billed', {});
  is(listed.totalCount, 3, 'customers.listSubscriptions');

  await advance(base, '2026-05-01T02:00:00Z');
  const invoices = await openmeter.billing.invoices.list({ customers: [acme.id], statuses: ['paid'], orderBy: 'createdAt' });
  is(invoices.items.map((i) => i.totals.total), ['16.00', '35.00'], 'billing.invoices.list: issued and paid');
  const invoice = await openmeter.billing.invoices.get(invoices.items[0].id);
  ok(/^OM-SANDBOX-ACBI-\d+$/.test(invoice.number), 'billing.invoices.get: its number', invoice);
  is(invoice.lines.map((line) => [line.name, line.totals.total]), [['Calls', '1.00'], ['Fee', '15.00']], 'billing.invoices.get: its lines');
  ok(invoice.issuedAt instanceof Date, 'billing.invoices.get: times are read as dates');
  is(await refusal(() => openmeter.billing.invoices.approve(invoice.id)), 400, 'billing.invoices.approve: an issued one is fixed');
  is(await refusal(() => openmeter.billing.invoices.delete(invoice.id)), 400, 'billing.invoices.delete: an issued one stays');

  const running = migrated.next.id;
  is((await openmeter.subscriptions.cancel(running, { timing: 'next_billing_cycle' })).status, 'canceled', 'subscriptions.cancel');
  is((await openmeter.subscriptions.unscheduleCancelation(running)).status, 'active', 'subscriptions.unscheduleCancelation');
}

export async function profiles(openmeter) {
  const page = await openmeter.billing.profiles.list({});
  is(page.items.map((p) => p.default), [true], 'billing.profiles.list: the default');
  const standing = page.items[0];
  const made = await openmeter.billing.profiles.create({
    name: 'By hand',
    default: false,
    supplier: { name: 'Acme Billing', addresses: [{ country: 'DE' }] },
    workflow: { invoicing: { autoAdvance: false, draftPeriod: 'P1D' }, collection: { interval: 'PT0S' } },
    apps: { tax: standing.apps.tax.id ?? standing.apps.tax, invoicing: standing.apps.invoicing.id ?? standing.apps.invoicing,
      payment: standing.apps.payment.id ?? standing.apps.payment },
  });
  is(made.workflow.invoicing.autoAdvance, false, 'billing.profiles.create');
  const { id, createdAt, updatedAt, apps, ...body } = await openmeter.billing.profiles.get(made.id);
  is((await openmeter.billing.profiles.update(made.id, { ...body, name: 'By our hands' })).name, 'By our hands', 'billing.profiles.update');

  const globex = await openmeter.customers.create({ key: 'globex-billed', name: 'Globex', usageAttribution: { subjectKeys: [] } });
  const pinned = await openmeter.billing.customers.createOverride(globex.id, { billingProfileId: made.id });
  is(pinned.customerOverride.billingProfileId, made.id, 'billing.customers.createOverride');
  is((await openmeter.billing.customers.getOverride(globex.id)).baseBillingProfileId, made.id, 'billing.customers.getOverride');
  is((await openmeter.billing.customers.listOverrides({ billingProfile: [made.id] })).totalCount, 1, 'billing.customers.listOverrides');
  is(await refusal(() => openmeter.billing.profiles.delete(made.id)), 400, 'billing.profiles.delete: one that customers are pinned to stays');
  return globex;
}

const line = (name, amount) => ({
  name,
  period: { from: instant('2026-04-01T00:00:00'), to: instant('2026-05-01T00:00:00') },
  invoiceAt: instant('2026-05-01T00:00:00'),
  rateCard: { price: { type: 'flat', amount } },
});

export async function drafts(openmeter, base) {
  const globex = await openmeter.customers.get('globex-billed');
  const added = await openmeter.billing.invoices.createLineItems(globex.id, { currency: 'USD', lines: [line('Setup', '100'), line('Training', '50')] });
  is([added.isInvoiceNew, added.lines.length], [true, 2], 'billing.invoices.createLineItems');
  const [draft] = await openmeter.billing.invoices.invoicePendingLines({ customerId: globex.id });
  is([draft.status, draft.totals.total], ['draft', '150.00'], 'billing.invoices.invoicePendingLines');
  is(draft.statusDetails.extendedStatus, 'draft.manual_approval_needed', 'it waits for somebody');
  is((await openmeter.billing.invoices.recalculateTax(draft.id)).totals.total, '150.00', 'billing.invoices.recalculateTax');
  is(await refusal(() => openmeter.billing.invoices.advance(draft.id)), 400, 'billing.invoices.advance: not by itself');
  const approved = await openmeter.billing.invoices.approve(draft.id);
  is(approved.status, 'paid', 'billing.invoices.approve');

  await openmeter.billing.invoices.createLineItems(globex.id, { currency: 'USD', lines: [line('Mistake', '5')] });
  const [mistake] = await openmeter.billing.invoices.invoicePendingLines({ customerId: globex.id });
  await openmeter.billing.invoices.delete(mistake.id);
  is((await openmeter.billing.invoices.get(mistake.id)).status, 'deleted', 'billing.invoices.delete: a draft');

  const simulated = await openmeter.billing.invoices.simulate(globex.id, { currency: 'USD', lines: [{ ...line('Idea', '7'), quantity: '1' }] });
  is(simulated.totals.total, '7.00', 'billing.invoices.simulate');
}

export async function unpaid(openmeter) {
  const bad = await openmeter.customers.create({ key: 'bad-payer', name: 'Bad Payer', usageAttribution: { subjectKeys: [] } });
  await openmeter.customers.apps.upsert(bad.id, [{ type: 'sandbox', testCard: '4000000000000002' }]);
  await openmeter.billing.invoices.createLineItems(bad.id, { currency: 'USD', lines: [line('Fee', '9')] });
  const [invoice] = await openmeter.billing.invoices.invoicePendingLines({ customerId: bad.id });
  is(invoice.statusDetails.extendedStatus, 'payment_processing.failed', 'a card that is declined');
  is((await openmeter.billing.invoices.retry(invoice.id)).statusDetails.extendedStatus, 'payment_processing.failed', 'billing.invoices.retry');
  const voided = await openmeter.billing.invoices.void(invoice.id, { action: { percentage: 100, action: { type: 'discard' } }, reason: 'a gift' });
  is(voided.statusDetails.extendedStatus, 'voided', 'billing.invoices.void');
}

export async function custom(openmeter, base) {
  const listings = await openmeter.apps.marketplace.list({});
  ok(listings.items.some((item) => item.type === 'custom_invoicing'), 'apps.marketplace.list', listings);
  const answer = await openmeter.apps.list({});
  is(answer.items.map((app) => app.type), ['sandbox'], 'apps.list');
  is((await openmeter.apps.marketplace.get('custom_invoicing')).type, 'custom_invoicing', 'apps.marketplace.get');

  // The client has no call for an installation without credentials.
  const installed = await fetch(`${base}/api/v1/marketplace/listings/custom_invoicing/install`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Ours', createBillingProfile: true }),
  });
  const { app } = await installed.json();
  const hooked = await openmeter.apps.update(app.id, {
    type: 'custom_invoicing',
    name: 'Ours',
    enableDraftSyncHook: true,
    enableIssuingSyncHook: true,
  });
  is(hooked.enableDraftSyncHook, true, 'apps.update');
  is((await openmeter.apps.get(app.id)).name, 'Ours', 'apps.get');
  const all = await openmeter.billing.profiles.list({});
  const profile = all.items.find((item) => (item.apps.invoicing.id ?? item.apps.invoicing) === app.id);
  const initech = await openmeter.customers.create({ key: 'initech', name: 'Initech', usageAttribution: { subjectKeys: [] } });
  await openmeter.billing.customers.createOverride(initech.id, { billingProfileId: profile.id });
  await openmeter.billing.invoices.createLineItems(initech.id, { currency: 'USD', lines: [line('Fee', '40')] });
  const [invoice] = await openmeter.billing.invoices.invoicePendingLines({ customerId: initech.id });
  is(invoice.statusDetails.extendedStatus, 'draft.syncing', 'the hook holds the draft');
  const status = async () => (await openmeter.billing.invoices.get(invoice.id)).statusDetails.extendedStatus;
  const { customInvoicing } = openmeter.apps;
  is(await refusal(() => customInvoicing.issuingSynchronized(invoice.id, {})), 400, 'customInvoicing: not out of turn');
  await customInvoicing.draftSynchronized(invoice.id, { invoicing: { invoiceNumber: 'EXT-1', externalId: 'ours-1' } });
  is(await status(), 'issuing.syncing', 'apps.customInvoicing.draftSynchronized');
  await customInvoicing.issuingSynchronized(invoice.id, { payment: { externalId: 'pay-1' } });
  is(await status(), 'payment_processing.pending', 'apps.customInvoicing.issuingSynchronized');
  await customInvoicing.updatePaymentStatus(invoice.id, { trigger: 'paid' });
  is(await status(), 'paid', 'apps.customInvoicing.updatePaymentStatus');
  is((await openmeter.billing.invoices.get(invoice.id)).number, 'EXT-1', 'the number is the one that was given');
  is(await refusal(() => openmeter.apps.uninstall(app.id)), 409, 'apps.uninstall: not while it is used');
}

export async function addons(openmeter) {
  const addon = await openmeter.addons.create({
    key: 'more',
    name: 'More',
    currency: 'USD',
    instanceType: 'multiple',
    rateCards: [
      {
        type: 'flat_fee',
        key: 'more',
        name: 'More',
        billingCadence: 'P1M',
        price: { type: 'flat', amount: '5', paymentTerm: 'in_arrears' },
      },
    ],
  });
  await openmeter.addons.publish(addon.id);
  const made = await openmeter.plans.create(plan('addable', '10', '1'));
  await openmeter.plans.addons.create(made.id, { addonId: addon.id, fromPlanPhase: 'main', maxQuantity: 3 });
  await openmeter.plans.publish(made.id);
  await openmeter.customers.create({ key: 'hooli', name: 'Hooli', usageAttribution: { subjectKeys: ['hooli'] } });
  const { id } = await openmeter.subscriptions.create({ customerKey: 'hooli', plan: { key: 'addable' } });
  const bought = await openmeter.subscriptionAddons.create(id, {
    name: 'More',
    addon: { id: addon.id },
    quantity: 2,
    timing: 'immediate',
  });
  is(bought.quantity, 2, 'subscriptionAddons.create');
  is((await openmeter.subscriptionAddons.list(id)).length, 1, 'subscriptionAddons.list');
  is((await openmeter.subscriptionAddons.get(id, bought.id)).quantity, 2, 'subscriptionAddons.get');
  is((await openmeter.subscriptionAddons.update(id, bought.id, { quantity: 3, timing: 'immediate' })).quantity, 3, 'subscriptionAddons.update');
  is(
    await refusal(() => openmeter.subscriptionAddons.update(id, bought.id, { quantity: 4, timing: 'immediate' })),
    400,
    'subscriptionAddons.update: no more than the plan allows',
  );
}
