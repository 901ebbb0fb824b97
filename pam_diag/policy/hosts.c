#include "pam_diag/policy/hosts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/types_table.h"

#define HOSTS_UNDOTTED "undotted"

enum { PATTERN_MOST = 253, HINT_SHOWN = 12, BITS_MOST = 128 };

struct network {
        int family;
        unsigned char bytes[sizeof(struct in6_addr)];
        unsigned bits;
};

/* An address, with a /length where `may_have_length`; its zone is left out. */
static bool read_network(const char *text, bool may_have_length, struct network *ret)
{
        char copy[PATTERN_MOST + 1];
        size_t n = strcspn(text, may_have_length ? "/" : "%");

        *ret = (struct network){ 0 };
        if (n >= sizeof(copy))
                return false;
        memcpy(copy, text, n);
        copy[n] = '\0';
        if (inet_pton(AF_INET, copy, ret->bytes) == 1)
                ret->family = AF_INET;
        else if (inet_pton(AF_INET6, copy, ret->bytes) == 1)
                ret->family = AF_INET6;
        else
                return false;
        ret->bits = ret->family == AF_INET ? 32 : BITS_MOST;
        if (!may_have_length || text[n] == '\0')
                return true;
        ret->bits = 0;
        for (const char *c = text + n + 1; *c >= '0' && *c <= '9' && ret->bits <= BITS_MOST; c++)
                ret->bits = ret->bits * 10 + (unsigned)(*c - '0');
        return true;
}

static bool covers(const struct network *network, const struct network *address)
{
        unsigned whole = network->bits / 8;
        unsigned mask = 0xffU << (8 - network->bits % 8) & 0xffU;

        if (network->family != address->family || memcmp(network->bytes, address->bytes, whole) != 0)
                return false;
        return network->bits % 8 == 0 || ((network->bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

bool host_is_pattern(const char *pattern)
{
        if (type_check_prefix(NULL, pattern) == NULL)
                return true;
        return pattern[0] != '-' && type_is_made_of(pattern, TYPE_LETTERS TYPE_DIGITS "-_.*?", PATTERN_MOST);
}

static bool is_undotted(const char *name)
{
        const char *dot = strchr(name, '.');

        return dot == NULL || dot[1] == '\0';
}

/* With a dot at its end a name is the same name. */
static bool matches_name(const char *pattern, const char *value)
{
        char copy[PATTERN_MOST + 1];
        size_t n = strlen(value);

        if (strcmp(pattern, HOSTS_UNDOTTED) == 0)
                return is_undotted(value);

        if (n > PATTERN_MOST)
                return false;
        memcpy(copy, value, n + 1);
        if (n > 1 && copy[n - 1] == '.')
                copy[n - 1] = '\0';
        return fnmatch(pattern, copy, FNM_CASEFOLD | FNM_NOESCAPE) == 0;
}

static bool is_covered(char *const *patterns, const char *value)
{
        struct network address;
        bool is_address = read_network(value, false, &address);

        for (; *patterns != NULL; patterns++) {
                struct network network;
                bool is_network = read_network(*patterns, true, &network);

                if (is_network != is_address)
                        continue;
                if (is_network ? covers(&network, &address) : matches_name(*patterns, value))
                        return true;
        }
        return false;
}

int host_judge(const struct policy *policy, const char *value, struct buf *wrong, struct buf *hint)
{
        if (policy->hosts == NULL || is_covered(policy->hosts, value))
                return 0;
        buf_printf(wrong, "%.200s is not among the hosts that may be named here", value);
        if (policy->hosts_reason != NULL)
                buf_printf(wrong, ": %s", policy->hosts_reason);
        buf_put_text(hint, "hosts:");
        for (size_t i = 0; i < HINT_SHOWN && policy->hosts[i] != NULL; i++)
                buf_printf(hint, " %s", policy->hosts[i]);
        if (strv_length(policy->hosts) > HINT_SHOWN)
                buf_put_text(hint, " …");
        return -EPERM;
}
