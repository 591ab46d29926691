/* catalog.h: what the files of `tollgate catalog` share. */
#ifndef CLI_CATALOG_H
#define CLI_CATALOG_H

#include "cli/remote.h"
#include "codec/yaml.h"

#include <stdio.h>

/* A file, read. */
struct catalog_file {
    text name;
    struct yaml_node root;
};

/* Prints each fault as "catalog.yaml:12:5: plans[0].name: must not be empty", in the order of the
 * file. */
void catalog_print_faults(const struct catalog_file *file, const struct remote_problem *problem,
                          FILE *out);

/* Prints what a plan says: the values that differ, what is done, the money. */
void catalog_print_plan(const struct json *answer, struct arena *arena, FILE *out);

/* Prints what was done. */
void catalog_print_applied(const struct json *answer, struct arena *arena, FILE *out);

#endif
