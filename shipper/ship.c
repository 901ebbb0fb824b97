#include "shipper/ship.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pam_diag/base/clock.h"
#include "shipper/cursor.h"
#include "shipper/database.h"
#include "shipper/deadletter.h"
#include "shipper/progress.h"
#include "shipper/settle.h"
#include "sql/since.h"

/* So often may a batch ask for its sink's state to be stored first, and so often may acknowledged rows be sent again in one run. */
enum { STORES_MOST = 4, REWINDS_MOST = 3, FLUSH_MS = 500 };

struct run {
        struct ship *ship;
        char name[SHIP_NAME_SIZE];
        char recent_name[SHIP_NAME_SIZE];
        struct cursor durable; /* as flushed to the disk */
        struct cursor stored; /* the same, or what stands in the file beside it: where the next run would begin */
        int64_t flushed_ms; /* when; 0: not in this run */
        struct cursor position; /* acknowledged so far */
        struct settle settle;
        struct progress progress;
        void *sink;
        unsigned rewinds;
        struct fault *fault;
};

int ship_name(const struct sink_config *sink, const char *ending, char ret_name[SHIP_NAME_SIZE], struct fault *fault)
{
        char slug[SLUG_SIZE];

        if (slug_make(sink->name, slug) < 0)
                return fault_set(fault, FAULT_LATER, "%s: cannot compute SHA3-256", sink->name);
        (void)snprintf(ret_name, SHIP_NAME_SIZE, "%s.%s", slug, ending);
        return 0;
}

static int load(const struct ship *ship, struct run *ret_run, struct fault *fault)
{
        struct run run = { .ship = ret_run->ship, .settle.delay_ms = ship->sink->settle_ms, .fault = fault };
        const char *sink = ship->sink->name;

        if (ship_name(ship->sink, "cursor", run.name, fault) < 0 ||
            ship_name(ship->sink, "recent", run.recent_name, fault) < 0 ||
            cursor_load(ship->directory, run.name, sink, &run.durable, fault) < 0 ||
            cursor_check(&run.durable, run.name, ship->db, fault) < 0)
                return -1;
        run.stored = run.durable;
        cursor_load_recent(ship->directory, run.recent_name, sink, &run.stored);
        if (cursor_check(&run.stored, run.recent_name, ship->db, fault) < 0)
                return -1;
        *ret_run = run;
        return 0;
}

int ship_check(const struct ship *ship, int64_t *ret_seq, struct fault *fault)
{
        struct run run = { 0 };

        if (load(ship, &run, fault) < 0)
                return -1;
        *ret_seq = run.stored.seq;
        return 0;
}

static int flush(struct run *run, const struct cursor *cursor)
{
        if (cursor_save(run->ship->directory, run->name, run->ship->sink->name, cursor, run->fault) < 0)
                return -1;
        run->durable = run->stored = *cursor;
        run->flushed_ms = clock_monotonic_ms();
        run->ship->seq = cursor->seq;
        return 0;
}

/* At once for who is killed, within half a second for who loses power. */
static int store(struct run *run, const struct cursor *cursor)
{
        if (run->flushed_ms == 0 || clock_monotonic_ms() - run->flushed_ms >= FLUSH_MS)
                return flush(run, cursor);
        if (cursor_save_recent(run->ship->directory, run->recent_name, run->ship->sink->name, &run->durable, cursor,
                               run->fault) < 0)
                return -1;
        run->stored = *cursor;
        run->ship->seq = cursor->seq;
        return 0;
}

/* --since: the row before the first that is young enough counts as sent, and that is stored at once, so that the next run needs no
 * --since. */
static int begin_at(struct run *run)
{
        struct auditdb_why why = { "" };
        int64_t seq = 0;
        int r;

        if (run->ship->since_us == 0 || run->stored.seq != 0)
                return 0;
        r = auditdb_since(run->ship->db, run->ship->since_us, &seq, run->stored.hash, &why);
        if (r < 0)
                return database_fault(r, &why, run->fault);
        run->stored.seq = seq;
        if (seq == 0 || run->ship->dry)
                return 0;
        return flush(run, &run->stored);
}

static int store_settled(struct run *run)
{
        struct cursor cursor;

        if (!settle_take(&run->settle, clock_monotonic_ms(), &cursor))
                return 0;
        return store(run, &cursor);
}

static void sleep_ms(uint64_t ms)
{
        struct timespec rest = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };

        while (clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, &rest) == EINTR)
                continue;
}

static int restore_sink(struct run *run)
{
        const struct sink_type *type = run->ship->sink->type;

        return type->restore == NULL ? 0 : type->restore(run->sink, run->position.state, run->fault);
}

static int take_state(struct run *run)
{
        const struct sink_type *type = run->ship->sink->type;
        cleanup_buf struct buf buf = BUF_INIT(CURSOR_STATE_SIZE - 1);

        if (type->state == NULL)
                return 0;
        type->state(run->sink, &buf);
        if (buf.error < 0)
                return fault_set(run->fault, FAULT_LATER, "%s: its state is too large", run->ship->sink->name);
        (void)snprintf(run->position.state, sizeof(run->position.state), "%s", buf.data != NULL ? buf.data : "");
        return 0;
}

/* Acknowledged rows may be lost with a server that went away: they are sent again from the stored cursor on. */
static int rewind_run(struct run *run)
{
        if (++run->rewinds > REWINDS_MOST)
                return fault_set(run->fault, FAULT_LATER,
                                 "%s: the server goes away again and again before what it acknowledged has settled",
                                 run->ship->sink->name);
        run->ship->sent -= (uint64_t)(run->position.seq - run->stored.seq);
        run->settle.count = 0;
        run->position = run->stored;
        return restore_sink(run);
}

/* The state that the sink has now must be durable before it goes on. It belongs to the position, so that must be durable too. */
static int store_state(struct run *run)
{
        if (run->settle.count > 0)
                sleep_ms(settle_left_ms(&run->settle, clock_monotonic_ms()));
        run->settle.count = 0;
        return take_state(run) < 0 ? -1 : flush(run, &run->position);
}

static int send_batch(struct run *run, struct batch *batch)
{
        const struct sink_type *type = run->ship->sink->type;
        int r = 0;

        for (unsigned i = 0; i < STORES_MOST; i++) {
                batch->refusal_count = 0;
                r = type->send(run->sink, batch, run->fault);
                if (r != SINK_STATE_FIRST)
                        break;
                if (store_state(run) < 0)
                        return -1;
        }
        if (r == SINK_STATE_FIRST)
                return fault_set(run->fault, FAULT_LATER, "%s: refuses rows for their time again and again",
                                 run->ship->sink->name);
        return r < 0 ? r : type->confirm(run->sink, batch, run->fault);
}

static int set_aside(struct run *run, const struct batch *batch)
{
        char name[SHIP_NAME_SIZE];

        if (batch->refusal_count == 0)
                return 0;
        if (ship_name(run->ship->sink, "dead", name, run->fault) < 0 ||
            deadletter_store(run->ship->directory, name, batch, run->fault) < 0)
                return -1;
        run->ship->set_aside += batch->refusal_count;
        return 0;
}

static int ship_batch(struct run *run, struct batch *batch)
{
        const struct sink_type *type = run->ship->sink->type;

        if (send_batch(run, batch) < 0)
                return -1;
        if (type->disturbed != NULL && type->disturbed(run->sink) && run->settle.count > 0)
                return rewind_run(run);
        if (set_aside(run, batch) < 0)
                return -1;
        run->position.seq = batch->last_seq;
        memcpy(run->position.hash, batch->last_hash, sizeof(run->position.hash));
        if (take_state(run) < 0)
                return -1;
        run->ship->sent += batch->rows;
        if (run->ship->progress)
                progress_show(&run->progress, run->ship->sent, run->position.seq);
        settle_add(&run->settle, &run->position, clock_monotonic_ms());
        return store_settled(run);
}

static int open_sink(struct run *run)
{
        if (run->sink != NULL)
                return 0;
        if (run->ship->sink->type->open(run->ship->sink, &run->sink, run->fault) < 0)
                return -1;
        return restore_sink(run);
}

/* At the end of the rows: waits until all has settled. *ret_done false: there is more to send after all. */
static int settle_rest(struct run *run, bool *ret_done)
{
        const struct sink_type *type = run->ship->sink->type;

        *ret_done = true;
        if (run->settle.count == 0)
                return 0;
        sleep_ms(settle_left_ms(&run->settle, clock_monotonic_ms()));
        /* A server that closes idle connections looks like one that was started anew: so it is believed the second time. */
        if (type->alive != NULL && run->rewinds == 0 && !type->alive(run->sink)) {
                *ret_done = false;
                return rewind_run(run);
        }
        return store_settled(run);
}

static int ship_batches(struct run *run)
{
        cleanup_batch struct batch batch = { 0 };
        const struct ship *ship = run->ship;
        bool done = false;

        if (batch_init(&batch, ship->db, ship->sink, run->fault) < 0)
                return -1;
        while (!done) {
                if (batch_fill(&batch, run->position.seq, ship->sink->type->format, run->fault) < 0)
                        return -1;
                if (batch.rows == 0) {
                        if (settle_rest(run, &done) < 0)
                                return -1;
                } else if (open_sink(run) < 0 || ship_batch(run, &batch) < 0) {
                        return -1;
                }
        }
        return 0;
}

static int count_batches(struct run *run)
{
        cleanup_batch struct batch batch = { 0 };
        struct ship *ship = run->ship;

        if (batch_init(&batch, ship->db, ship->sink, run->fault) < 0)
                return -1;
        do {
                if (batch_fill(&batch, run->position.seq, ship->sink->type->format, run->fault) < 0)
                        return -1;
                ship->sent += batch.rows;
                ship->bytes += batch.bytes.length;
                if (batch.rows > 0)
                        run->position.seq = batch.last_seq;
        } while (batch.rows > 0);
        return 0;
}

/* Whatever ended the run: what is settled by now is stored, and flushed. */
static int store_end(struct run *run)
{
        const struct sink_type *type = run->ship->sink->type;
        bool disturbed = run->sink != NULL && type->disturbed != NULL && type->disturbed(run->sink);

        if (!disturbed && store_settled(run) < 0)
                return -1;
        return run->stored.seq == run->durable.seq ? 0 : flush(run, &run->stored);
}

int ship_run(struct ship *ship, struct fault *fault)
{
        struct run run = { .ship = ship };
        struct fault later = { 0 };
        int r;

        if (load(ship, &run, fault) < 0 || begin_at(&run) < 0)
                return -1;
        run.position = run.stored;
        ship->seq = run.stored.seq;
        if (ship->dry)
                return count_batches(&run);
        if (ship->progress)
                progress_start(&run.progress, ship->sink->name, ship->db);
        r = ship_batches(&run);
        run.fault = r < 0 ? &later : fault; /* the first fault is the one to tell */
        if (store_end(&run) < 0)
                r = -1;
        ship->sink->type->close(run.sink);
        if (ship->progress)
                progress_end(&run.progress);
        return r;
}
