/* Records with keys, attacked, and held against each witness.
 *
 * Linked by: the tests of sql/verify*.c.
 */
#pragma once

#include "sql/verify.h"
#include "tests/unit/sql_keys_help.h"

enum { ROWS = 30 };

static struct firstkeys keys; /* kept off the host */
static char heads[65536]; /* as the log pipeline has them: the head rows that were shipped */
static char first_said[1024];
static bool said[VERIFY_KIND_COUNT];

static inline void keep_heads(void)
{
        ck_assert_int_eq(shell("SELECT rec FROM event WHERE kind = 'head'", heads, sizeof(heads)), 0);
}

static inline void keep_keys(const struct keyinit *made)
{
        struct buf text = BUF_INIT(4096);
        size_t line = 0;

        ck_assert_int_eq(firstkey_put(&text, &made->first), 0);
        buf_printf(&text, "verifier %s\n", made->verifier);
        ck_assert_int_eq(firstkeys_parse(text.data, made->first.uuid, &keys, &line), 0);
        buf_free(&text);
}

/* Row 1 is from before the keys, 2 the head with which they begin; then records, a session's end and its head in the middle and
 * at the end. */
static inline void fill_with_keys(void)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        struct keyinit made;

        must_append(db, 1);
        made = must_make_keys(db, false);
        keep_keys(&made);
        for (int64_t i = 3; i <= ROWS; i++)
                if (i == 15)
                        must_close(db);
                else if (i != 16) /* the head's */
                        must_append(db, i);
        must_close(db);
        auditdb_free(db);
        keep_heads();
}

static inline void found(void *context, const struct verify_finding *finding)
{
        size_t *broken = context;

        said[finding->kind] = true;
        if (finding->kind < VERIFY_BROKEN_COUNT && (*broken)++ == 0)
                snprintf(first_said, sizeof(first_said), "%s %lld-%lld: %s", verify_kind_name(finding->kind),
                         (long long)finding->first, (long long)finding->last, finding->text);
}

static inline bool is_broken_at(const char *path, const struct firstkeys *with, bool with_heads)
{
        struct verify_witnesses witnesses = { .keys = with,
                                              .heads = with_heads ? heads : NULL,
                                              .heads_length = strlen(heads) };
        struct verify_result result = { .rows = 0 };
        struct auditdb *db = NULL;
        size_t broken = 0;
        int r = auditdb_open(path, AUDITDB_READ_ANY, &db, &why);

        first_said[0] = '\0';
        memset(said, 0, sizeof(said));
        ck_assert_msg(r == 0, "%d %s", r, why.text);
        r = auditdb_verify_with(db, &witnesses, found, &broken, &result, &why);
        ck_assert_msg(r == 0, "%d %s", r, why.text);
        ck_assert_uint_eq(result.broken, broken);
        auditdb_free(db);
        return broken > 0;
}

enum { CHAIN = 1, FIRST_KEY = 2, KEY_FILE = 4, HEADS = 8, EVERYONE = 15 };

/* Each witness beside the chain alone: without the key file a copy is looked at, as an operator may take one away. */
static inline unsigned witnesses(void)
{
        struct firstkeys verifiers = keys;
        char sql[512];
        unsigned seen = 0;

        unlink(beside("-copy"));
        snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", beside("-copy"));
        must_shell(sql, NULL);
        verifiers.key_count = 0;
        seen |= is_broken_at(beside("-copy"), NULL, false) ? CHAIN : 0;
        seen |= is_broken_at(beside("-copy"), &keys, false) ? FIRST_KEY : 0;
        seen |= is_broken_at(db_path, NULL, false) ? KEY_FILE : 0;
        seen |= is_broken_at(beside("-copy"), &verifiers, true) ? HEADS : 0;
        return seen;
}

static inline void must_show(const char *attack, unsigned expected)
{
        unsigned seen = witnesses();

        ck_assert_msg(seen == expected, "%s: chain %d, first key %d, key file %d, heads %d; expected %x: %s", attack,
                      (seen & CHAIN) != 0, (seen & FIRST_KEY) != 0, (seen & KEY_FILE) != 0, (seen & HEADS) != 0,
                      expected, first_said);
}

/* All witnesses at once on the database in its place. */
static inline void must_find(enum verify_kind kind, int64_t first, int64_t last, const char *word)
{
        char place[128];

        ck_assert(is_broken_at(db_path, &keys, true));
        snprintf(place, sizeof(place), "%s %lld-%lld: ", verify_kind_name(kind), (long long)first, (long long)last);
        ck_assert_msg(strncmp(first_said, place, strlen(place)) == 0 && strstr(first_said, word) != NULL,
                      "%s instead of %s %s", first_said, place, word);
}
