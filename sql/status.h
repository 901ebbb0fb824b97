/* How a database is, in what can be read quickly.
 *
 * Linked by: diagctl (the object is part of the room and so in diag-supervisor and diag-ship too).
 */
#pragma once

#include "sql/auditdb.h"

enum status_key {
        STATUS_KEY_NONE, /* and no row has a mac */
        STATUS_KEY_GOOD,
        STATUS_KEY_BEHIND, /* the next row mends it */
        STATUS_KEY_AHEAD, /* rows are missing: no session opens */
        STATUS_KEY_GONE, /* the rows have macs: no session opens */
        STATUS_KEY_WRONG, /* of another database, or none in the file: no session opens */
        STATUS_KEY_UNSEEN, /* this user may not look */
};

struct status {
        int64_t anchor; /* the last row that was pruned; 0 */
        int64_t last; /* 0: no row */
        uint64_t bytes; /* of the database file */
        uint64_t used; /* of them, by rows */
        int64_t oldest_us; /* time of the first row that is here; 0 */
        int64_t newest_us;
        enum status_key key;
        int64_t key_seq; /* of the row that the key file is at */
        int64_t head_seq; /* of the row that the newest head is of; -1: there is none */
        int64_t head_us;
        int64_t open_sessions; /* of this boot, without an end */
        char *missing; /* layers that the newest session had to do without, JSON; NULL: there was no session */
};
void status_clear(struct status *status);
#define cleanup_status __attribute__((cleanup(status_clear)))

/* `boot` is the id of the boot. As auditdb_each. */
int auditdb_status(struct auditdb *db, const char *boot, struct status *ret_status, struct auditdb_why *ret_why);

/* Time of the first row behind `seq`; 0 when there is none. */
int auditdb_time_after(struct auditdb *db, int64_t seq, int64_t *ret_us, struct auditdb_why *ret_why);
