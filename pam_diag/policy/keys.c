#include "pam_diag/policy/keys.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/policy/denial.h"

enum { HINT_SHOWN = 12, HINT_MOST = 4096, FIELD_MOST = 4 };

const struct key *key_find(const struct policy *policy, const char *fingerprint)
{
        for (size_t i = 0; fingerprint != NULL && i < policy->key_count; i++)
                if (strv_has(policy->keys[i]->fingerprints, fingerprint, strlen(fingerprint)))
                        return policy->keys[i];
        return NULL;
}

int key_admit(const struct policy *policy, const struct policy_login *login, struct decision *decision)
{
        const struct key *key = key_find(policy, login->fingerprint);
        char when[32] = "";
        struct tm tm;

        if (key == NULL && policy->refuse_unknown_keys)
                return deny(decision, CODE_KEY, 0,
                            "the key of this login (%.100s) has no [key …] section in the policy",
                            login->fingerprint != NULL ? login->fingerprint : "it was not by key");
        if (key == NULL || !key->has_expiry || login->time_s < key->expires_s)
                return 0;
        if (gmtime_r(&(time_t){ key->expires_s }, &tm) != NULL)
                (void)strftime(when, sizeof(when), " at %Y-%m-%dT%H:%MZ", &tm);
        return deny(decision, CODE_KEY, 0, "key %s has expired%s", key->name, when);
}

/* A subset names commands, which stand for all of their sub-commands, and sub-commands. */
static bool is_part(const char *text, const char *whole)
{
        size_t n = strlen(text);

        return strncmp(text, whole, n) == 0 && (whole[n] == '\0' || whole[n] == ' ');
}

bool key_has_command(const struct key *key, const char *command)
{
        if (key == NULL || key->commands == NULL)
                return true;
        for (size_t i = 0; key->commands[i] != NULL; i++)
                if (is_part(command, key->commands[i]))
                        return true;
        return false;
}

bool key_has_rule(const struct key *key, const char *rule)
{
        if (key == NULL || key->commands == NULL)
                return true;
        for (size_t i = 0; key->commands[i] != NULL; i++)
                if (is_part(key->commands[i], rule))
                        return true;
        return false;
}

int key_refuse(const struct key *key, const char *what, unsigned word, struct decision *decision)
{
        cleanup_buf struct buf hint = BUF_INIT(HINT_MOST);
        int r = deny(decision, CODE_KEY, word, "%s is not among the commands of key %s", what, key->name);

        if (r != -EACCES)
                return r;
        buf_put_text(&hint, "this key has:");
        for (size_t i = 0; i < HINT_SHOWN && key->commands[i] != NULL; i++)
                buf_printf(&hint, "%s %s", i > 0 ? "," : "", key->commands[i]);
        buf_put_text(&hint, strv_length(key->commands) > HINT_SHOWN ? " …" : "");
        return hint.error == 0 && deny_hint(decision, "%s", hint.data) < 0 ? -ENOMEM : r;
}

struct policy_quota policy_quota_of(const struct policy *policy, const char *fingerprint)
{
        const struct key *key = key_find(policy, fingerprint);

        if (key == NULL)
                return (struct policy_quota){ 0 };
        return (struct policy_quota){ .key = key->name, .rate = key->rate, .concurrency = key->concurrency };
}

const char *policy_key_fingerprint(const struct policy *policy, const char *name)
{
        for (size_t i = 0; i < policy->key_count; i++)
                if (strcmp(policy->keys[i]->name, name) == 0)
                        return policy->keys[i]->fingerprints[0];
        return NULL;
}

/* --- points in time ----------------------------------------------------------------------------------------------- */

/* `digits` digits at *at, which moves behind them. */
static bool take_number(const char **at, size_t digits, int low, int high, int *ret_number)
{
        char field[FIELD_MOST + 1] = "";
        uint64_t number;

        if (strspn(*at, "0123456789") < digits)
                return false;
        memcpy(field, *at, digits);
        if (num_parse_u64(field, (uint64_t)low, (uint64_t)high, &number) < 0)
                return false;
        *at += digits;
        *ret_number = (int)number;
        return true;
}

static bool take_char(const char **at, char c)
{
        if (**at != c)
                return false;
        (*at)++;
        return true;
}

int key_parse_time(const char *text, int64_t *ret_time)
{
        const char *at = text;
        struct tm tm = { 0 };
        int year, month, day;
        time_t time;

        if (!take_number(&at, 4, 1970, 9999, &year) || !take_char(&at, '-') || !take_number(&at, 2, 1, 12, &month) ||
            !take_char(&at, '-') || !take_number(&at, 2, 1, 31, &day))
                return -EINVAL;
        if (*at != '\0' && (!take_char(&at, 'T') || !take_number(&at, 2, 0, 23, &tm.tm_hour) || !take_char(&at, ':') ||
                            !take_number(&at, 2, 0, 59, &tm.tm_min) || !take_char(&at, 'Z') || *at != '\0'))
                return -EINVAL;
        tm.tm_year = year - 1900;
        tm.tm_mon = month - 1;
        tm.tm_mday = day;
        time = timegm(&tm);
        /* timegm(3) turns the 31st of a shorter month into the 1st of the next one. */
        if (time == (time_t)-1 || tm.tm_mday != day)
                return -EINVAL;
        *ret_time = time;
        return 0;
}
