/* insert ROUNDS FILE NAME DATABASE [NAME DATABASE]…: how long one more record takes in each of some databases, and in FILE, which is appended to
 * and flushed; all in turn. The databases keep the new rows. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/base/num.h"
#include "sql/auditdb.h"
#include "tests/bench/record.h"
#include "tests/bench/sample.h"

enum { DATABASES_MOST = 8, ROUNDS_MOST = 1000000, WARM = 20 };

struct set {
        int fd;
        char **names;
        struct auditdb *all[DATABASES_MOST];
        size_t count;
};

static int open_all(char **words, struct set *set, struct auditdb_why *ret_why)
{
        for (int r; words[0] != NULL && words[1] != NULL && set->count < DATABASES_MOST; words += 2, set->count++) {
                r = auditdb_open(words[1], AUDITDB_WRITE, &set->all[set->count], ret_why);
                if (r < 0)
                        return r;
        }
        return words[0] == NULL ? 0 : -EINVAL;
}

static int insert(const struct set *set, int64_t number, bool counts, struct auditdb_why *ret_why)
{
        cleanup_buf struct buf record = BUF_INIT(AUDITDB_REC_MOST);
        int r = record_make(&record, number);
        int64_t start = sample_now();

        if (r == 0)
                r = record_floor(set->fd, &record);
        if (r == 0 && counts)
                sample_put("insert", "append and fdatasync", sample_now() - start);
        for (size_t i = 0; r == 0 && i < set->count; i++) {
                start = sample_now();
                r = auditdb_append(set->all[i], record.data, record.length, NULL, ret_why);
                if (r == 0 && counts)
                        sample_put("insert", set->names[2 * i], sample_now() - start);
        }
        return r;
}

int main(int argc, char **argv)
{
        struct set set = { .fd = -1 };
        struct auditdb_why why = { "" };
        uint64_t rounds;
        int r;

        if (argc < 5 || num_parse_u64(argv[1], 1, ROUNDS_MOST, &rounds) < 0) {
                (void)fprintf(stderr, "usage: insert ROUNDS FILE NAME DATABASE [NAME DATABASE]…\n");
                return 2;
        }
        set.names = argv + 3;
        set.fd = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        r = set.fd < 0 ? -errno : open_all(set.names, &set, &why);
        for (uint64_t round = 0; r == 0 && round < WARM + rounds; round++)
                r = insert(&set, 1 + (int64_t)round, round >= WARM, &why);
        for (size_t i = 0; i < set.count; i++)
                auditdb_free(set.all[i]);
        (void)fd_close(set.fd);
        if (r < 0)
                (void)fprintf(stderr, "insert: %s %s\n", strerror(-r), why.text);
        return r < 0;
}
