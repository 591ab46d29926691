/* main.c: the roof: the list of commands. It alone may include every floor. */
#include "cli/commands.h"
#include "server/serve.h"

#ifndef TOLLGATE_VERSION
#define TOLLGATE_VERSION "0.1.0"
#endif

static const struct command *const commands[] = {
    &serve_command,
    &ingest_command,
    &load_command,
    &relay_command,
    &catalog_command,
    &query_command,
    &preview_command,
    &invoices_command,
    &invoice_command,
    &explain_command,
    &verify_command,
    &unattributed_command,
    &api_command,
    &token_command,
    &migrate_command,
    &backup_command,
    &restore_command,
    &usage_command,
    &work_command,
    &version_command,
    &completion_command,
    &man_command,
    NULL,
};

static const struct program program = {
    .name = "tollgate",
    .version = TOLLGATE_VERSION,
    .summary = "metering, entitlement and billing engine",
    .commands = commands,
};

int main(int argc, char **argv)
{
    return command_main(&program, argc, argv);
}
