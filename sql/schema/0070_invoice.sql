-- Standard invoices beside gathering ones, and lines that live on from one to the other.

-- Of a gathering invoice: when the first of its lines is to be invoiced.
ALTER TABLE invoice ADD COLUMN next_collection_at TEXT;

ALTER TABLE invoice ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

ALTER TABLE invoice ADD COLUMN description TEXT;

ALTER TABLE invoice ADD COLUMN labels TEXT;

ALTER TABLE invoice ADD COLUMN supplier TEXT;

ALTER TABLE invoice ADD COLUMN customer TEXT;

ALTER TABLE invoice ADD COLUMN customer_name TEXT;

ALTER TABLE invoice ADD COLUMN workflow TEXT;

ALTER TABLE invoice ADD COLUMN period_from TEXT;

ALTER TABLE invoice ADD COLUMN period_to TEXT;

ALTER TABLE invoice ADD COLUMN collection_at TEXT;

ALTER TABLE invoice ADD COLUMN quantity_snapshotted_at TEXT;

ALTER TABLE invoice ADD COLUMN draft_until TEXT;

ALTER TABLE invoice ADD COLUMN issued_at TEXT;

ALTER TABLE invoice ADD COLUMN due_at TEXT;

ALTER TABLE invoice ADD COLUMN sent_at TEXT;

ALTER TABLE invoice ADD COLUMN voided_at TEXT;

ALTER TABLE invoice ADD COLUMN void_reason TEXT;

ALTER TABLE invoice ADD COLUMN totals TEXT;

ALTER TABLE invoice ADD COLUMN issues TEXT;

ALTER TABLE invoice ADD COLUMN invoicing_id TEXT;

ALTER TABLE invoice ADD COLUMN payment_id TEXT;

ALTER TABLE invoice ADD COLUMN deleted_at TEXT;

CREATE INDEX invoice_by_customer ON invoice (org_id, customer_id, created_at, id);

CREATE INDEX invoice_by_age ON invoice (org_id, created_at, id);

-- The same table with room for lines made by hand, for parts of a period, and for what was metered
-- and came of it. (item_id, period_index, part_index) names a charge: it is never there twice.
CREATE TABLE invoice_line_new (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL REFERENCES invoice (id),
    subscription_id TEXT REFERENCES subscription (id),
    phase_id TEXT,
    item_id TEXT REFERENCES subscription_item (id),
    period_index INTEGER NOT NULL,
    part_index INTEGER NOT NULL,
    group_id TEXT,
    is_open_part INTEGER NOT NULL,
    adjusts_id TEXT,
    managed_by TEXT NOT NULL,
    reference TEXT,
    name TEXT NOT NULL,
    description TEXT,
    labels TEXT,
    feature_id TEXT,
    feature_key TEXT,
    currency TEXT NOT NULL,
    terms TEXT NOT NULL,
    tax TEXT,
    payment_term TEXT NOT NULL,
    is_pro_rating INTEGER NOT NULL,
    service_from TEXT NOT NULL,
    service_to TEXT NOT NULL,
    full_from TEXT NOT NULL,
    full_to TEXT NOT NULL,
    billing_from TEXT NOT NULL,
    billing_to TEXT NOT NULL,
    invoice_at TEXT NOT NULL,
    collect_at TEXT,
    metered_quantity TEXT,
    prior_quantity TEXT,
    prior_total TEXT,
    shares TEXT,
    usage_sequence INTEGER,
    quantity TEXT,
    converted_quantity TEXT,
    discounted_quantity TEXT,
    discounted_prior TEXT,
    details TEXT,
    totals TEXT,
    external_id TEXT,
    discount_external_ids TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT
);

INSERT INTO invoice_line_new (id, org_id, invoice_id, subscription_id, phase_id, item_id,
    period_index, part_index, is_open_part, managed_by, reference, name, description, feature_id,
    feature_key, currency, terms, payment_term, is_pro_rating, service_from, service_to, full_from,
    full_to, billing_from, billing_to, invoice_at, created_at, updated_at)
SELECT id, org_id, invoice_id, subscription_id, phase_id, item_id, period_index, 0, 0,
    'subscription', reference, name, description, feature_id, feature_key, currency, terms,
    payment_term, is_pro_rating, service_from, service_to, full_from, full_to, billing_from,
    billing_to, invoice_at, created_at, updated_at
FROM invoice_line;

DROP TABLE invoice_line;

ALTER TABLE invoice_line_new RENAME TO invoice_line;

CREATE UNIQUE INDEX invoice_line_identity ON invoice_line (item_id, period_index, part_index)
    WHERE item_id IS NOT NULL AND adjusts_id IS NULL;

CREATE INDEX invoice_line_by_invoice ON invoice_line (invoice_id);

CREATE INDEX invoice_line_by_subscription ON invoice_line (subscription_id)
    WHERE subscription_id IS NOT NULL;

CREATE INDEX invoice_line_by_group ON invoice_line (group_id) WHERE group_id IS NOT NULL;

CREATE INDEX invoice_line_by_adjusted ON invoice_line (adjusts_id) WHERE adjusts_id IS NOT NULL;
