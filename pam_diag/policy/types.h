/* Types of values: what an option's value or an operand may be.
 *
 * Linked by: diag-supervisor, diagctl.
 *
 * Pure. Paths are checked here for their shape only; where they lead is judged in paths.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/policy/regex.h"

enum type_kind {
        TYPE_TEXT, /* anything */
        TYPE_INTEGER, /* integer A..B */
        TYPE_ONE_OF, /* one-of a b c */
        TYPE_LIST, /* list a b c: some of these, separated by commas */
        TYPE_COLUMNS, /* columns a b c: the same with [+-]name[:width][=title] (ps -o, --sort) */
        TYPE_MATCH, /* match ERE, the whole value */
        TYPE_PATH_READ, /* path read */
        TYPE_PATH_LIST, /* path list */
        TYPE_UNIT, /* unit: a systemd unit's name */
        TYPE_UNIT_GLOB, /* unit-glob: the same with * ? [ ] */
        TYPE_DURATION, /* duration: 90, 1.5, 10s, 2min */
        TYPE_TIME, /* time: "1 hour ago", 2024-01-31 12:00, @1700000000 */
        TYPE_USER, /* user: one name or number */
        TYPE_USERS, /* users: the same, separated by commas */
        TYPE_GROUP, /* group: one name or number */
        TYPE_PID, /* pid */
        TYPE_PIDS, /* pids: separated by commas */
        TYPE_SIZE, /* size: 4096, 10k, 5M, 1GiB */
        TYPE_HOST, /* host: a name or an address; [hosts] says which */
        TYPE_ADDRESS, /* address: IPv4 or IPv6, inet_pton(3) */
        TYPE_PREFIX, /* prefix: an address, or address/length */
        TYPE_PORT, /* port: a number or a service's name */
        TYPE_INTERFACE, /* interface: a network interface's name */
        TYPE_INET, /* inet: lsof's [46][protocol][@address][:port,…] */
        TYPE_ENDPOINT, /* endpoint: ss's address, address:port, :port, [address]:port */
        TYPE_CONTAINER, /* container: a name or id of docker or podman */
        TYPE_TEMPLATE, /* template .A .B json: a Go template with these fields and functions alone */
        TYPE_KINDS,
};

struct type {
        enum type_kind kind;
        int64_t low;
        int64_t high;
        char **choices;
        struct regex *regex; /* of TYPE_MATCH */
        char *text; /* for help and messages; the first alternative's holds them all */
        struct type *next; /* alternative, or NULL */
};

/* Types by names of the policy's own; each may be made of those before it. */
struct type_names {
        struct type_name {
                char *name;
                char *text;
        } * list;
        size_t count;
};

/* Alternatives are separated by a `|` between blanks. `names` may be NULL. -EINVAL with the reason in *wrong. */
int type_parse(const char *text, const struct type_names *names, struct type **ret_type, struct buf *wrong);

/* Is it the first word of a built-in type? */
bool type_is_kind(const char *name);

void type_free(struct type *type);
static inline void type_free_at(struct type **type)
{
        type_free(*type);
}
#define cleanup_type __attribute__((cleanup(type_free_at)))

/* Does the value look like one of the type, its range aside? So `-n 20000` is a value that is too large, never a
 * bare -n and an operand. */
bool type_has_shape(const struct type *type, const char *value);

/* Is the value one of this alternative? 0, or -EINVAL with a reason that follows the value ("is over 10000"). */
int type_check_one(const struct type *type, const char *value, struct buf *wrong);

static inline bool type_is_path(const struct type *type)
{
        return type->kind == TYPE_PATH_READ || type->kind == TYPE_PATH_LIST;
}
