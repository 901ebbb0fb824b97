#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/logline.h"
#include "pam_diag/ctl/show.h"

enum { LOG_ROWS = 20 };

/* The record as it is stored, byte for byte: the hash is over these bytes. Whoever made it through rec.h could not put a control into
 * it. */
static int print_json(void *context, const struct auditdb_row *row)
{
        (void)context;
        printf("{\"seq\":%" PRId64 ",\"hash\":\"", row->seq);
        for (size_t i = 0; i < AUDITDB_HASH_SIZE; i++)
                printf("%02x", row->hash[i]);
        fputs("\",\"rec\":", stdout);
        (void)fwrite(row->rec, 1, row->rec_length, stdout);
        fputs("}\n", stdout);
        return 0;
}

static int print_line(void *context, const struct export_row *row)
{
        cleanup_buf struct buf line = BUF_INIT(LOGLINE_MOST);
        const bool *local = context;

        if (logline_put(&line, row, *local) < 0)
                printf("row %" PRId64 " is too long to show; try --json\n", row->row.seq);
        else
                puts(line.data);
        return 0;
}

static int take_seq(void *context, const struct auditdb_row *row)
{
        *(int64_t *)context = row->seq;
        return 0;
}

static int print_lines(struct auditdb *db, size_t most, struct auditdb_why *why)
{
        bool local = isatty(STDOUT_FILENO) == 1;
        int64_t last = 0;
        int r = auditdb_last(db, 1, take_seq, &last, why);

        if (r < 0)
                return r;
        return auditdb_export(db, &logline_table, last > (int64_t)most ? last - (int64_t)most : 0, most, print_line,
                              &local, why);
}

int log_run(const struct ctl_command *command, int argc, char **argv)
{
        const char *path = PATH_DB;
        size_t most = LOG_ROWS;
        bool json = false;
        const struct ctl_option options[] = {
                { "-n", CTL_COUNT, &most },
                { "--json", CTL_FLAG, &json },
                { "--db", CTL_TEXT, &path },
        };
        cleanup_auditdb struct auditdb *db = NULL;
        struct auditdb_why why = { "" };
        int first = 0;
        int r = ctl_options(command, options, sizeof(options) / sizeof(options[0]), false, argc, argv, &first);

        if (r < 0)
                return CTL_USAGE;
        r = auditdb_open(path, AUDITDB_READ, &db, &why);
        if (r == 0)
                r = json ? auditdb_last(db, most, print_json, NULL, &why) : print_lines(db, most, &why);
        if (r == 0)
                return CTL_GOOD;
        fputs("diagctl log: ", stderr);
        show_print(stderr, why.text);
        fputc('\n', stderr);
        return CTL_FAILED;
}
