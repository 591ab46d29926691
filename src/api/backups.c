/* backups.c: ours: a copy of all data, fetched while the server goes on. POST makes one and lists
 * its files; each is fetched in pieces; DELETE lets go of it. `tollgate backup` does all that. */
#include "api/backup.h"
#include "api/handlers.h"

static const struct field backup_file_rows[] = {
    FIELD(struct backup_file, name, TEXT, .flags = FIELD_REQUIRED,
          .about = "Its place in the data directory."),
    FIELD(struct backup_file, size, INT, .flags = FIELD_REQUIRED, .about = "In bytes."),
    FIELD(struct backup_file, is_immutable, BOOL,
          .about = "A file of this name, size and mark never has other bytes."),
    FIELD(struct backup_file, mark, TEXT),
};
static const struct fields backup_file_fields =
    FIELDS("BackupFile", struct backup_file, backup_file_rows);

static const struct field backup_rows[] = {
    FIELD_ID(struct backup, id, .flags = FIELD_REQUIRED),
    FIELD_ID(struct backup, origin, .flags = FIELD_REQUIRED,
             .about = "Tells data directories apart."),
    FIELD(struct backup, created_at, INSTANT, .flags = FIELD_REQUIRED),
    FIELD(struct backup, sequence, INT, .flags = FIELD_REQUIRED,
          .about = "Events up to this sequence are in it."),
    FIELD(struct backup, files, LIST, .sub = &backup_file_fields, .flags = FIELD_ALWAYS),
};
const struct fields backup_fields = FIELDS("Backup", struct backup, backup_rows);

/* A backup holds the data of all organizations: it is the business of the one that runs the server.
 */
static enum err need_owner(struct api_call *call)
{
    if (ulid_equal(call->cx.org.ulid, call->api->config.org.ulid))
        return OK;
    return problem_refuse(&call->cx.problem, FAULT_ROLE_FORBIDS,
                          "only the organization that runs the server makes backups");
}

static enum err path_backup(struct api_call *call, struct backup_id *ret)
{
    enum err err = need_owner(call);

    return err == OK ? path_ulid(call, 0, FAULT_BACKUP_ABSENT, &ret->ulid) : err;
}

static enum err refuse_absent(struct api_call *call, enum err err)
{
    return err == ERR_ABSENT ? problem_refuse(&call->cx.problem, FAULT_BACKUP_ABSENT, "%s", "")
                             : err;
}

enum err backups_create(struct api_call *call)
{
    struct backup backup = {
        .id = { cx_ulid(&call->cx) },
        .origin = call->api->config.org,
        .created_at = call->cx.now,
    };
    enum err err = need_owner(call);

    if (err != OK)
        return err;
    err = backup_make(call->api->backups, call->cx.store, call->cx.usage, call->cx.arena, &backup);
    if (err == ERR_BUSY)
        return problem_refuse(&call->cx.problem, FAULT_SERVER_BUSY, "too many backups are held");
    return err == OK ? reply_one(call, &backup_fields, &backup) : err;
}

enum err backups_file(struct api_call *call)
{
    text offset_text = param_text(call, "offset");
    struct backup_piece piece = { .offset = 0 };
    text bytes;
    enum err err = path_backup(call, &piece.id);

    if (err != OK)
        return err;
    if (!text_to_int(call->path_params[1], &piece.index))
        return refuse_absent(call, ERR_ABSENT);
    if (offset_text.ptr && (!text_to_int(offset_text, &piece.offset) || piece.offset < 0)) {
        param_fault(call, "offset", "is_integer", "must be a whole number");
        return ERR_REFUSED;
    }
    err = backup_read(call->api->backups, &piece, call->cx.arena, &bytes);
    if (err != OK)
        return refuse_absent(call, err);
    return reply_body(call, TEXT("application/octet-stream"), bytes);
}

enum err backups_delete(struct api_call *call)
{
    struct backup_id id;
    enum err err = path_backup(call, &id);

    if (err == OK)
        err = refuse_absent(call, backup_drop(call->api->backups, id));
    return err == OK ? reply_empty(call) : err;
}
