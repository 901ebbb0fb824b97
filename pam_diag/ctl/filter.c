#include "pam_diag/ctl/filter.h"

#include <string.h>

#include "pam_diag/base/clock.h"
#include "pam_diag/ctl/when.h"
#include "sql/sessions.h"

static int read_time(const struct ctl_command *command, const char *option, const char *text, int64_t *ret_us)
{
        if (text == NULL || when_parse(text, clock_real_us(), ret_us) == 0)
                return CTL_GOOD;
        return ctl_usage_error(command, "%s %s: expected 24h, 7d, 2026-01-31, \"2026-01-31 12:00\" or @SECONDS", option,
                               text);
}

static int check_verdict(const struct ctl_command *command, const char *verdict)
{
        static const char *const verdicts[] = { "allow", "deny", "help" };

        for (size_t i = 0; verdict != NULL && i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
                if (strcmp(verdict, verdicts[i]) == 0)
                        return CTL_GOOD;
        return verdict == NULL ? CTL_GOOD
                               : ctl_usage_error(command, "--verdict %s: expected allow, deny or help", verdict);
}

/* Records hold absolute paths and words as they were typed; something else than a path would match by accident. */
static int check_path(const struct ctl_command *command, const char *path)
{
        if (path == NULL || path[0] == '/')
                return CTL_GOOD;
        return ctl_usage_error(command, "--path %s: expected an absolute path", path);
}

int filter_read(const struct ctl_command *command, const struct filter_words *words, struct filter *ret_filter)
{
        struct filter filter = { .select = { .user = words->user,
                                             .key = words->key,
                                             .client = words->client,
                                             .verdict = words->verdict,
                                             .rule = words->rule,
                                             .path = words->path } };
        int status = read_time(command, "--since", words->since, &filter.select.since_us);

        if (status == CTL_GOOD)
                status = read_time(command, "--until", words->until, &filter.select.until_us);
        if (status == CTL_GOOD)
                status = check_verdict(command, words->verdict);
        if (status == CTL_GOOD)
                status = check_path(command, words->path);
        if (status == CTL_GOOD)
                *ret_filter = filter;
        return status;
}

int filter_find_session(struct auditdb *db, const struct filter_words *words, struct filter *filter,
                        struct auditdb_why *ret_why)
{
        int r;

        if (words->session == NULL)
                return 0;
        r = auditdb_find_session(db, words->session, filter->session, ret_why);
        if (r == 0)
                filter->select.session = filter->session;
        return r;
}
