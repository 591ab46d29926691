/* backup.c: a copy of the state, page by page, as it is at one moment. */
#include <fcntl.h>
#include <unistd.h>

#include "store/connection.h"

#define PAGES_PER_STEP 1024

/* A database that is there only to be written to. */
static enum err target_open(const char *path, sqlite3 **ret)
{
    int code = sqlite3_open_v2(path, ret, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

    /* The file is flushed once, at the end. */
    if (code == SQLITE_OK)
        code = sqlite3_exec(*ret, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
    return sqlite_err(code);
}

static enum err pages_copy(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    int code;

    if (!backup)
        return sqlite_err(sqlite3_errcode(to));
    do {
        code = sqlite3_backup_step(backup, PAGES_PER_STEP);
    } while (code == SQLITE_OK);
    (void)sqlite3_backup_finish(backup); /* says again what the step said */
    return sqlite_err(code);
}

static enum err file_flush(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum err err = fd >= 0 && fsync(fd) == 0 ? OK : ERR_IO;

    if (fd >= 0)
        close(fd);
    return err;
}

/* A reader's transaction, begun while nobody can write, and `at_moment` called with it. */
static enum err moment_take(struct store *store, store_moment *at_moment, void *state,
                            struct store_tx **ret)
{
    struct store_tx *writer;
    struct store_tx *reader = NULL;
    enum err err = store_begin_write(store, &writer);

    if (err != OK)
        return err;
    err = store_begin_read(store, &reader);
    if (err == OK)
        err = at_moment(state);
    store_rollback(writer);
    if (err != OK && reader)
        store_rollback(reader);
    if (err == OK)
        *ret = reader;
    return err;
}

enum err store_backup(struct store *store, const char *path, store_moment *at_moment, void *state)
{
    struct store_tx *reader;
    sqlite3 *target = NULL;
    enum err err;

    CHECK(store != NULL && path != NULL && at_moment != NULL);
    err = moment_take(store, at_moment, state, &reader);
    if (err != OK)
        return err;
    /* The snapshot that the transaction holds is what is copied; others go on writing. */
    err = target_open(path, &target);
    if (err == OK)
        err = pages_copy(reader->connection->db, target);
    if (sqlite3_close(target) != SQLITE_OK && err == OK)
        err = ERR_IO;
    store_rollback(reader);
    if (err == OK)
        err = file_flush(path);
    if (err != OK)
        (void)unlink(path);
    return err;
}
