#include "shipper/ship.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shipper/cursor.h"
#include "shipper/slug.h"

enum { NAME_SIZE = SLUG_SIZE + 16 };

static int name_cursor(const char *spec, char name[NAME_SIZE], struct fault *fault)
{
        char slug[SLUG_SIZE];

        if (slug_make(spec, slug) < 0)
                return fault_set(fault, FAULT_LATER, "%s: cannot compute SHA3-256", spec);
        (void)snprintf(name, NAME_SIZE, "%s.cursor", slug);
        return 0;
}

static int ship_batch(struct ship *ship, void *sink, struct batch *batch, const char *name, struct cursor *cursor,
                      struct fault *fault)
{
        if (ship->sink->type->send(sink, batch, fault) < 0 || ship->sink->type->confirm(sink, batch, fault) < 0)
                return -1;
        cursor->seq = batch->last_seq;
        memcpy(cursor->hash, batch->last_hash, sizeof(cursor->hash));
        if (cursor_save(ship->directory, name, ship->sink->name, cursor, fault) < 0)
                return -1;
        ship->sent += batch->rows;
        ship->seq = cursor->seq;
        if (ship->progress)
                fprintf(stderr, "\rdiag-ship: %s: %" PRIu64 " rows", ship->sink->name, ship->sent);
        return 0;
}

static int ship_batches(struct ship *ship, void **sink, const char *name, struct cursor *cursor, struct fault *fault)
{
        cleanup_batch struct batch batch = { 0 };

        if (batch_init(&batch, ship->db, ship->sink, fault) < 0)
                return -1;
        for (;;) {
                if (batch_fill(&batch, cursor->seq, ship->sink->type->format, fault) < 0)
                        return -1;
                if (batch.rows == 0)
                        return 0;
                if (*sink == NULL && ship->sink->type->open(ship->sink, sink, fault) < 0)
                        return -1;
                if (ship_batch(ship, *sink, &batch, name, cursor, fault) < 0)
                        return -1;
        }
}

int ship_run(struct ship *ship, struct fault *fault)
{
        struct cursor cursor;
        char name[NAME_SIZE];
        void *sink = NULL;
        int r;

        if (name_cursor(ship->sink->name, name, fault) < 0 ||
            cursor_load(ship->directory, name, ship->sink->name, &cursor, fault) < 0 ||
            cursor_check(&cursor, name, ship->db, fault) < 0)
                return -1;
        ship->seq = cursor.seq;
        r = ship_batches(ship, &sink, name, &cursor, fault);
        ship->sink->type->close(sink);
        return r;
}
