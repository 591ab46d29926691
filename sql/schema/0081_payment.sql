-- What was paid on invoices, tried, and given back. Rows are never changed. An invoice that is paid
-- at once is stored after its payment, in the same transaction.

CREATE TABLE payment (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL REFERENCES invoice (id) DEFERRABLE INITIALLY DEFERRED,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    number INTEGER NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    amount TEXT NOT NULL,
    currency TEXT NOT NULL,
    method TEXT,
    reference TEXT,
    failure_code TEXT,
    received_at TEXT,
    created_at TEXT NOT NULL
);

CREATE UNIQUE INDEX payment_by_invoice ON payment (invoice_id, number);
