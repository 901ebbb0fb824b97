/* writer DB ROWS: appends rows, 0 for ever. Prints the number of each row that was acknowledged, and "refused" for each that was not; goes
 * on after a refusal, on a connection of its own. Every hundredth row is a session's end. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/base/num.h"
#include "sql/auditdb.h"
#include "sql/rec.h"

static const char session[] = "0123456789abcdef0123456789abcdef";

static int put(struct buf *buf, uint64_t number)
{
        struct rec_close close_rec = { .time_us = clock_real_us(), .session = session, .how = "closed" };
        struct rec_exec exec_rec = { .time_us = clock_real_us(),
                                     .session = session,
                                     .invocation = (int64_t)number,
                                     .verdict = "deny",
                                     .line = "cat /etc/shadow",
                                     .line_length = 15 };

        return number % 100 == 0 ? rec_put_close(buf, &close_rec) : rec_put_exec(buf, &exec_rec);
}

static int append(struct auditdb **db, const char *path, uint64_t number, int64_t *ret_seq, struct auditdb_why *why)
{
        cleanup_buf struct buf buf = BUF_INIT(AUDITDB_REC_MOST);
        int r = 0;

        if (*db == NULL)
                r = auditdb_open(path, AUDITDB_WRITE, db, why);
        if (r == 0)
                r = put(&buf, number);
        return r < 0 ? r : auditdb_append(*db, buf.data, buf.length, ret_seq, why);
}

int main(int argc, char **argv)
{
        cleanup_auditdb struct auditdb *db = NULL;
        struct auditdb_why why = { "" };
        uint64_t rows = 0;

        if (argc != 3 || num_parse_u64(argv[2], 0, UINT32_MAX, &rows) < 0) {
                fprintf(stderr, "usage: writer DB ROWS\n");
                return 2;
        }
        (void)setvbuf(stdout, NULL, _IOLBF, 0);
        for (uint64_t i = 1; rows == 0 || i <= rows; i++) {
                int64_t seq = 0;

                if (append(&db, argv[1], i, &seq, &why) == 0) {
                        printf("%" PRId64 "\n", seq);
                        continue;
                }
                printf("refused\n");
                fprintf(stderr, "%s\n", why.text);
        }
        return 0;
}
