-- Lines that their subscription has taken off a draft again: the draft remembers them, and the charge
-- may be made anew. And drafts whose lines were changed by their subscription are found.

ALTER TABLE invoice_line ADD COLUMN withdrawn_at TEXT;

DROP INDEX invoice_line_identity;

CREATE UNIQUE INDEX invoice_line_identity ON invoice_line (item_id, period_index, part_index)
    WHERE item_id IS NOT NULL AND adjusts_id IS NULL AND withdrawn_at IS NULL;

CREATE INDEX invoice_being_updated ON invoice (org_id, customer_id) WHERE status = 'draft.updating';
