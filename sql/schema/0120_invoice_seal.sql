-- What an issued invoice said: a digest of its row and of each of its lines, taken when it is issued. And
-- what is recorded of money stays as it was recorded, as issued invoices do.

CREATE TABLE invoice_seal (
    invoice_id TEXT NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL,
    seal TEXT NOT NULL
);

CREATE TRIGGER invoice_seal_is_fixed BEFORE UPDATE ON invoice_seal
BEGIN
    SELECT RAISE(ABORT, 'the seal of an issued invoice is fixed');
END;

CREATE TRIGGER invoice_seal_stays BEFORE DELETE ON invoice_seal
BEGIN
    SELECT RAISE(ABORT, 'the seal of an issued invoice stays');
END;

CREATE TRIGGER payment_is_fixed BEFORE UPDATE ON payment
BEGIN
    SELECT RAISE(ABORT, 'a payment is fixed');
END;

CREATE TRIGGER payment_stays BEFORE DELETE ON payment
BEGIN
    SELECT RAISE(ABORT, 'a payment stays');
END;

CREATE TRIGGER credit_note_is_fixed BEFORE UPDATE ON credit_note
BEGIN
    SELECT RAISE(ABORT, 'a credit note is fixed');
END;

CREATE TRIGGER credit_note_stays BEFORE DELETE ON credit_note
BEGIN
    SELECT RAISE(ABORT, 'a credit note stays');
END;

CREATE TRIGGER credit_entry_is_fixed BEFORE UPDATE ON credit_entry
BEGIN
    SELECT RAISE(ABORT, 'an entry of credit is fixed');
END;

CREATE TRIGGER credit_entry_stays BEFORE DELETE ON credit_entry
BEGIN
    SELECT RAISE(ABORT, 'an entry of credit stays');
END;
