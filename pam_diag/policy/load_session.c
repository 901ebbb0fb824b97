#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/policy/hosts.h"
#include "pam_diag/policy/load.h"
#include "pam_diag/policy/patterns.h"

#define DEFAULT_SEARCH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin"

/* sshd's own MaxSessions is 10: more at once is a client that multiplexes on purpose. */
enum { DEFAULT_CONCURRENCY = 16, CONCURRENCY_MOST = 1000 };

/* Layers that a host may lack. Everything else is what the guarantees rest on. */
static const char *const optional_layers[] = { "landlock-truncate", "landlock-net", "landlock-scope",
                                               "landlock-ioctl",    "cgroup-kill",  NULL };
static const char optional_names[] = "landlock-truncate landlock-net landlock-scope landlock-ioctl cgroup-kill";
static const char *const firm_layers[] = { "landlock", "listener",     "seccomp", "mounts",   "namespace",
                                           "masks",    "no-new-privs", "audit",   "database", NULL };

/* They hold whatever a policy says: what identifies the host or its users, our own records, and doors out of the session. */
static const char *const built_in_denies[] = {
        "/etc/shadow*",
        "/etc/gshadow*",
        "/etc/security/opasswd*",
        "/etc/ssh/ssh_host_*_key",
        "/root",
        "/home/*/.ssh",
        "/var/lib/pam_diag",
        "/var/lib/systemd/credential.secret",
        "/run/credentials",
        "/run/user",
        PATH_RUN,
        /* Lines in anybody's name, over a stream socket. sshd's own log goes by datagrams, which a command cannot send. */
        "/run/systemd/journal/stdout",
        "/run/systemd/journal.*/stdout",
        "/run/docker.sock",
        "/run/docker",
        "/run/podman",
        "/run/containerd",
        "/run/crio",
        "/var/run/docker.sock",
        "/proc/*/environ",
        "/proc/*/task/*/environ",
        "/proc/*/mem",
        "/proc/*/task/*/mem",
        "/proc/kcore",
        "/dev/mem",
        "/dev/kmem",
        "/dev/port",
        NULL,
};

/* What an ordinary dynamic program reads for itself. */
static const char *const default_runtime[] = { "/usr",       "/lib",      "/lib64",    "/bin",         "/sbin",
                                               "/nix/store", "/etc",      "/proc",     "/sys",         "/run",
                                               "/var/log",   "/dev/null", "/dev/zero", "/dev/urandom", NULL };

static bool is_listed(const char *const *list, const char *word)
{
        for (; *list != NULL; list++)
                if (strcmp(*list, word) == 0)
                        return true;
        return false;
}

static bool is_command_name(const struct ini_span *span)
{
        return span->length <= 64 && span->text[0] != '.' && span->text[0] != '-' &&
               strspn(span->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-") >= span->length;
}

static int enable(struct load *load, const struct ini_item *item, const struct ini_span *span)
{
        struct enabled *larger;
        struct enabled *one;

        if (!is_command_name(span)) {
                LOAD_ERROR(load, item, span->column, "%.*s is not a command's name", (int)span->length, span->text);
                return 0;
        }
        for (size_t i = 0; i < load->enabled_count; i++) {
                one = &load->enabled[i];
                if (strncmp(one->name, span->text, span->length) != 0 || one->name[span->length] != '\0')
                        continue;
                LOAD_ERROR(load, item, span->column, "command %s is enabled twice, first at %s:%u", one->name,
                           one->file, one->line);
                return 0;
        }
        larger = load_grow(load->enabled, load->enabled_count, sizeof(*larger));
        if (larger == NULL)
                return -ENOMEM;
        load->enabled = larger;
        one = &larger[load->enabled_count++];
        *one = (struct enabled){ .name = strndup(span->text, span->length),
                                 .file = strdup(item->file),
                                 .line = item->line,
                                 .column = span->column };
        return one->name == NULL || one->file == NULL ? -ENOMEM : 0;
}

static int set_commands(struct load *load, const struct ini_item *item)
{
        struct ini_span span;
        const char *at = NULL;
        int r = 0;

        while (r == 0 && ini_next_word(item, &at, &span))
                r = enable(load, item, &span);
        return r;
}

static int set_accept_missing(struct load *load, const struct ini_item *item)
{
        struct ini_span span;
        const char *at = NULL;

        while (ini_next_word(item, &at, &span)) {
                cleanup_free char *word = strndup(span.text, span.length);

                if (word == NULL)
                        return -ENOMEM;
                if (is_listed(firm_layers, word))
                        LOAD_ERROR(load, item, span.column, "%s may never be missing: the guarantees rest on it", word);
                else if (!is_listed(optional_layers, word))
                        LOAD_ERROR(load, item, span.column, "unknown layer %s; known: %s", word, optional_names);
                else if (strv_append_once(&load->policy->accept_missing, word) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int add_search(struct load *load, const struct ini_item *item, const char *text)
{
        for (const char *at = text; *at != '\0';) {
                cleanup_free char *normal = NULL;
                size_t n = strcspn(at, ": \t");
                cleanup_free char *directory = strndup(at, n);
                int r = directory == NULL ? -ENOMEM : n == 0 ? 0 : pattern_normalise(directory, &normal);

                if (r == -EINVAL && item != NULL)
                        LOAD_ERROR(load, item, item->value_column + (unsigned)(at - text),
                                   "%s is not an absolute path without ..", directory);
                else if (r == 0 && normal != NULL)
                        r = strv_append_once(&load->policy->search, normal);
                if (r == -ENOMEM)
                        return r;
                at += n + (at[n] != '\0' ? 1 : 0);
        }
        return 0;
}

static int set_profiles(struct load *load, const struct ini_item *item)
{
        if (item->value[0] == '/')
                return load_text(item, &load->policy->profiles);
        LOAD_ERROR(load, item, item->value_column, "profiles: expected an absolute directory");
        return 0;
}

static int set_concurrency(struct load *load, const struct ini_item *item)
{
        uint64_t number;

        if (num_parse_u64(item->value, 0, CONCURRENCY_MOST, &number) < 0)
                LOAD_ERROR(load, item, item->value_column, "concurrency: expected a number from 0 to %d",
                           CONCURRENCY_MOST);
        else
                load->policy->concurrency = (unsigned)number;
        return 0;
}

static int set_unknown_key(struct load *load, const struct ini_item *item)
{
        load->policy->refuse_unknown_keys = strcmp(item->value, "refuse") == 0;
        if (!load->policy->refuse_unknown_keys && strcmp(item->value, "allow") != 0)
                LOAD_ERROR(load, item, item->value_column, "unknown-key: expected allow or refuse");
        return 0;
}

static int set_audit(struct load *load, const struct ini_item *item)
{
        static const char *const names[] = {
                [POLICY_AUDIT_YES] = "yes", [POLICY_AUDIT_NO] = "no", [POLICY_AUDIT_REQUIRED] = "required"
        };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (strcmp(item->value, names[i]) == 0) {
                        load->policy->audit = (enum policy_audit)i;
                        return 0;
                }
        LOAD_ERROR(load, item, item->value_column, "audit: expected yes, no or required");
        return 0;
}

int load_session_item(struct load *load, const struct ini_item *item)
{
        struct policy *policy = load->policy;

        if (strcmp(item->key, "commands") == 0)
                return set_commands(load, item);
        if (strcmp(item->key, "accept-missing") == 0)
                return set_accept_missing(load, item);
        if (!load_once(load, &load->session_seen, item))
                return 0;
        if (strcmp(item->key, "profiles") == 0)
                return set_profiles(load, item);
        if (strcmp(item->key, "search-path") == 0)
                return add_search(load, item, item->value);
        if (strcmp(item->key, "unknown-key") == 0)
                return set_unknown_key(load, item);
        if (strcmp(item->key, "audit") == 0)
                return set_audit(load, item);
        if (strcmp(item->key, "concurrency") == 0)
                return set_concurrency(load, item);
        if (limits_bit(item->key) != 0)
                (void)load_limit(load, item, &policy->limits);
        else
                LOAD_ERROR(load, item, item->column, "unknown key %s in [session]", item->key);
        return 0;
}

int load_paths_item(struct load *load, const struct ini_item *item)
{
        struct policy *policy = load->policy;
        char ***patterns;

        if (strcmp(item->key, "allow") == 0)
                patterns = &policy->allow;
        else if (strcmp(item->key, "list") == 0)
                patterns = &policy->list;
        else if (strcmp(item->key, "deny") == 0)
                patterns = &policy->deny;
        else if (strcmp(item->key, "runtime") == 0)
                patterns = &policy->runtime;
        else {
                LOAD_ERROR(load, item, item->column, "unknown key %s in [paths]", item->key);
                return 0;
        }
        return load_patterns(load, item, patterns);
}

int load_hosts_item(struct load *load, const struct ini_item *item)
{
        struct ini_span span;
        const char *at = NULL;
        int r = 0;

        if (strcmp(item->key, "reason") == 0)
                return load_text(item, &load->policy->hosts_reason);
        if (strcmp(item->key, "allow") != 0) {
                LOAD_ERROR(load, item, item->column, "unknown key %s in [hosts]", item->key);
                return 0;
        }
        while (r == 0 && ini_next_word(item, &at, &span)) {
                cleanup_free char *word = strndup(span.text, span.length);

                if (word == NULL)
                        return -ENOMEM;
                if (host_is_pattern(word))
                        r = strv_append_once(&load->policy->hosts, word);
                else
                        LOAD_ERROR(load, item, span.column, "%s is no name, pattern, address or address/length", word);
        }
        return r;
}

void load_defaults(struct load *load)
{
        struct policy *policy = load->policy;

        policy->limits = limits_default;
        policy->concurrency = DEFAULT_CONCURRENCY;
}

/* Last, so that a pattern that the operator wrote, too, is known as his. */
static int add_denies(struct policy *policy)
{
        int r = 0;

        policy->own_denies = strv_length(policy->deny);
        for (size_t i = 0; r == 0 && built_in_denies[i] != NULL; i++)
                r = strv_append_once(&policy->deny, built_in_denies[i]);
        return r;
}

int load_session_finish(struct load *load)
{
        struct policy *policy = load->policy;
        int r = add_denies(policy);

        if (policy->profiles == NULL && (policy->profiles = strdup(PATH_PROFILES)) == NULL)
                return -ENOMEM;
        if (r == 0 && policy->search == NULL)
                r = add_search(load, NULL, DEFAULT_SEARCH);
        if (policy->runtime != NULL)
                return r;
        for (size_t i = 0; r == 0 && default_runtime[i] != NULL; i++)
                r = strv_append(&policy->runtime, default_runtime[i]);
        return r;
}
