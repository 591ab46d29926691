-- An issued invoice is fixed: nothing of it changes but what becomes of its payment, and none of
-- its lines. The one writing function keeps to this; the schema makes sure.

CREATE TRIGGER invoice_issued_is_fixed
BEFORE UPDATE OF org_id, customer_id, profile_id, number, currency, supplier, customer, workflow,
    period_from, period_to, collection_at, quantity_snapshotted_at, draft_until, issued_at, due_at,
    totals, created_at ON invoice
WHEN OLD.issued_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'an issued invoice is fixed');
END;

CREATE TRIGGER invoice_issued_stays
BEFORE DELETE ON invoice
WHEN OLD.issued_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'an issued invoice stays');
END;

CREATE TRIGGER invoice_line_issued_is_fixed
BEFORE UPDATE ON invoice_line
WHEN EXISTS (SELECT 1 FROM invoice WHERE id = OLD.invoice_id AND issued_at IS NOT NULL)
BEGIN
    SELECT RAISE(ABORT, 'a line of an issued invoice is fixed');
END;

CREATE TRIGGER invoice_line_issued_stays
BEFORE DELETE ON invoice_line
WHEN EXISTS (SELECT 1 FROM invoice WHERE id = OLD.invoice_id AND issued_at IS NOT NULL)
BEGIN
    SELECT RAISE(ABORT, 'a line of an issued invoice stays');
END;
