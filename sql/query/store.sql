-- The store's own book of migrations. The table is made by the first statement and not by a
-- migration: it has to be there before the first one.

-- name: schema_migration_create
CREATE TABLE IF NOT EXISTS schema_migration (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at TEXT NOT NULL
);

-- name: schema_migration_list
SELECT number, name, checksum FROM schema_migration ORDER BY number;

-- name: schema_migration_insert
-- args: number, name, checksum, applied_at
INSERT INTO schema_migration (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4);
