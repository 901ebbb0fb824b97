#include "pam_diag/ctl/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "pam_diag/ctl/paint.h"
#include "pam_diag/ctl/stamp.h"

struct rows_style rows_style_here(bool json, bool detail)
{
        bool terminal = isatty(STDOUT_FILENO) == 1;

        return (struct rows_style){
                .line = { .local = terminal, .paint = paint_wanted(STDOUT_FILENO), .detail = detail },
                .json = json,
        };
}

/* The record as it is stored, byte for byte: the hash is over these bytes. Whoever made it through rec.h could not put a control into
 * it. */
static int print_json(void *context, const struct export_row *row)
{
        cleanup_buf struct buf time = BUF_INIT(LOGLINE_MOST);

        (void)context;
        stamp_put(&time, row->time_us, false);
        printf("{\"seq\":%" PRId64 ",\"time\":\"%s\",\"hash\":\"", row->row.seq, time.error == 0 ? time.data : "");
        for (size_t i = 0; i < AUDITDB_HASH_SIZE; i++)
                printf("%02x", row->row.hash[i]);
        fputs("\",\"rec\":", stdout);
        (void)fwrite(row->row.rec, 1, row->row.rec_length, stdout);
        fputs("}\n", stdout);
        return 0;
}

static int print_line(void *context, const struct export_row *row)
{
        cleanup_buf struct buf line = BUF_INIT(LOGLINE_MOST);
        const struct rows_style *style = context;

        if (logline_put(&line, row, &style->line) < 0)
                printf("row %" PRId64 " is too long to show; try --json\n", row->row.seq);
        else
                puts(line.data);
        return 0;
}

int rows_print(struct auditdb *db, const struct rows_style *style, const int64_t *seqs, size_t count,
               struct auditdb_why *ret_why)
{
        struct rows_style copy = *style;
        int r = 0;

        /* Rows that follow each other are read at once. */
        for (size_t first = 0; r == 0 && first < count;) {
                size_t n = 1;

                while (first + n < count && seqs[first + n] == seqs[first] + (int64_t)n)
                        n++;
                r = auditdb_export(db, &logline_table, seqs[first] - 1, n, style->json ? print_json : print_line, &copy,
                                   ret_why);
                first += n;
        }
        return r;
}
