-- When what a line was billed too much is given back: with the change that makes it so, which can be
-- taken back until then. None: as soon as it is noted.

ALTER TABLE line_credit ADD COLUMN effective_at TEXT;
