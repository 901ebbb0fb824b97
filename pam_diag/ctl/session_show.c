#include <stdio.h>

#include "config.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/filter.h"
#include "pam_diag/ctl/rows.h"

static int show(const char *path, const struct filter_words *words, const struct rows_style *style,
                struct auditdb_why *why)
{
        cleanup_auditdb struct auditdb *db = NULL;
        cleanup_free int64_t *seqs = NULL;
        struct filter filter = { 0 };
        size_t count = 0;
        int r = auditdb_open(path, AUDITDB_READ, &db, why);

        if (r == 0)
                r = filter_find_session(db, words, &filter, why);
        if (r == 0)
                r = auditdb_select_newest(db, &filter.select, SIZE_MAX, &seqs, &count, why);
        return r == 0 ? rows_print(db, style, seqs, count, why) : r;
}

int session_show_run(const struct ctl_command *command, int argc, char **argv)
{
        const char *path = PATH_DB;
        bool json = false;
        const struct ctl_option options[] = {
                { "--json", CTL_FLAG, &json },
                { "--db", CTL_TEXT, &path },
        };
        struct filter_words words = { 0 };
        struct auditdb_why why = { "" };
        struct rows_style style;
        int first = 0;

        if (ctl_options(command, options, sizeof(options) / sizeof(options[0]), true, argc, argv, &first) < 0)
                return CTL_USAGE;
        if (argc - first != 1)
                return ctl_usage_error(command, "expected one session");
        words.session = argv[first];
        style = rows_style_here(json, true);
        return show(path, &words, &style, &why) == 0 ? CTL_GOOD : ctl_why(command, why.text);
}
