/* commands.h: the commands of the tollgate program, serve excepted. Each file cli/<name>.c holds
 * one. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "base/command.h"

extern const struct command ingest_command;
extern const struct command load_command;
extern const struct command usage_command;
extern const struct command work_command;
extern const struct command relay_command;
extern const struct command backup_command;
extern const struct command restore_command;
extern const struct command catalog_command;
extern const struct command query_command;
extern const struct command preview_command;
extern const struct command invoices_command;
extern const struct command invoice_command;
extern const struct command explain_command;
extern const struct command verify_command;
extern const struct command unattributed_command;
extern const struct command api_command;
extern const struct command token_command;
extern const struct command migrate_command;
extern const struct command version_command;
extern const struct command completion_command;
extern const struct command man_command;

#endif
