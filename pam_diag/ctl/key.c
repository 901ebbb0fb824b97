#include <stdio.h>
#include <string.h>

#include "config.h"
#include "pam_diag/ctl/commands.h"
#include "pam_diag/ctl/show.h"
#include "sql/keyinit.h"

/* On standard output stands the file to keep, as verify --first-key reads it. */
static int print_keys(const struct keyinit *keys)
{
        cleanup_buf struct buf text = BUF_INIT(4096);

        buf_printf(&text,
                   "# pam_diag: the first key of the audit database %s, from row %lld on.\n"
                   "# Keep this file off the host: nothing on the host can give the key again, and whoever has it can\n"
                   "# forge every row. `diagctl verify --first-key FILE` holds the rows to it.\n",
                   keys->first.uuid, (long long)keys->first.seq);
        (void)firstkey_put(&text, &keys->first);
        buf_printf(&text, "verifier %s\n", keys->verifier);
        if (text.error < 0)
                return text.error;
        fputs(text.data, stdout);
        return fflush(stdout) == 0 && ferror(stdout) == 0 ? 0 : -1;
}

int key_init_run(const struct ctl_command *command, int argc, char **argv)
{
        const char *path = PATH_DB;
        bool again = false;
        const struct ctl_option options[] = {
                { "--again", CTL_FLAG, &again },
                { "--db", CTL_TEXT, &path },
        };
        cleanup_auditdb struct auditdb *db = NULL;
        struct auditdb_why why = { "" };
        struct keyinit keys = { .verifier = "" };
        int first = 0;
        int r = ctl_options(command, options, sizeof(options) / sizeof(options[0]), false, argc, argv, &first);

        if (r < 0)
                return CTL_USAGE;
        r = auditdb_open(path, AUDITDB_WRITE, &db, &why);
        if (r == 0)
                r = auditdb_make_keys(db, again, &keys, &why);
        if (r < 0)
                return ctl_why(command, why.text);
        r = print_keys(&keys);
        explicit_bzero(&keys, sizeof(keys));
        if (r == 0)
                return CTL_GOOD;
        return ctl_why(command, "the keys are made, but the first one could not be printed and is lost: make new ones "
                                "with `diagctl key init --again`");
}
