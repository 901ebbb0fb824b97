#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/base/num.h"
#include "pam_diag/policy/types_table.h"

enum { HOST_MOST = 253, INTERFACE_MOST = 15, SERVICE_MOST = 40, ADDRESS_MOST = 64, PORTS_MOST = 256 };

#define NAME_CHARACTERS TYPE_LETTERS TYPE_DIGITS "-_"

/* The family of a whole address, without a zone; 0 when it is none. */
static int family_of(const char *value, size_t length)
{
        char copy[ADDRESS_MOST];
        unsigned char bytes[sizeof(struct in6_addr)];

        if (length == 0 || length >= sizeof(copy))
                return 0;
        memcpy(copy, value, length);
        copy[length] = '\0';
        if (inet_pton(AF_INET, copy, bytes) == 1)
                return AF_INET;
        return inet_pton(AF_INET6, copy, bytes) == 1 ? AF_INET6 : 0;
}

static bool is_interface(const char *value)
{
        return value[0] != '-' && strcmp(value, ".") != 0 && strcmp(value, "..") != 0 &&
               type_is_made_of(value, NAME_CHARACTERS ".:", INTERFACE_MOST);
}

/* An IPv6 address may name its link: fe80::1%eth0 (RFC 4007). */
static bool is_zoned_address(const char *value)
{
        size_t n = strcspn(value, "%");
        int family = family_of(value, n);

        return family != 0 && (value[n] == '\0' || (family == AF_INET6 && is_interface(value + n + 1)));
}

/* The resolver also reads 127.1, 0x7f000001 and 2130706433 as addresses (inet_aton(3)): a name's last label is no number. */
static bool ends_in_number(const char *value, size_t length)
{
        size_t from;

        while (length > 0 && value[length - 1] == '.')
                length--;
        for (from = length; from > 0 && value[from - 1] != '.';)
                from--;
        if (length - from > 1 && value[from] == '0' && (value[from + 1] == 'x' || value[from + 1] == 'X'))
                return true;
        return strspn(value + from, TYPE_DIGITS) >= length - from;
}

static bool is_host_name(const char *value)
{
        size_t length = strlen(value);

        return value[0] != '-' && value[0] != '.' && strstr(value, "..") == NULL &&
               type_is_made_of(value, NAME_CHARACTERS ".", HOST_MOST) && !ends_in_number(value, length);
}

const char *type_check_host(const struct type *type, const char *value)
{
        (void)type;
        return is_zoned_address(value) || is_host_name(value) ? NULL : "is not a host's name or whole address";
}

const char *type_check_address(const struct type *type, const char *value)
{
        (void)type;
        return is_zoned_address(value) ? NULL : "is not a whole IPv4 or IPv6 address";
}

/* address or address/length */
static bool is_prefix(const char *value, size_t length)
{
        const char *slash = memchr(value, '/', length);
        size_t n = slash == NULL ? length : (size_t)(slash - value);
        int family = family_of(value, n);
        char digits[4];
        uint64_t bits;

        if (family == 0 || slash == NULL)
                return family != 0;
        n = length - n - 1;
        if (n == 0 || n >= sizeof(digits))
                return false;
        memcpy(digits, slash + 1, n);
        digits[n] = '\0';
        return num_parse_u64(digits, 0, family == AF_INET ? 32 : 128, &bits) == 0;
}

const char *type_check_prefix(const struct type *type, const char *value)
{
        (void)type;
        return is_prefix(value, strlen(value)) ? NULL : "is not an address or address/length";
}

/* A number, or a name as in services(5). */
static bool is_port(const char *value)
{
        uint64_t number;

        if (num_parse_u64(value, 0, 65535, &number) == 0)
                return true;
        return isalpha((unsigned char)value[0]) && type_is_made_of(value, NAME_CHARACTERS, SERVICE_MOST);
}

const char *type_check_port(const struct type *type, const char *value)
{
        (void)type;
        return is_port(value) ? NULL : "is not a port (a number up to 65535, or a service's name)";
}

const char *type_check_interface(const struct type *type, const char *value)
{
        (void)type;
        return is_interface(value) ? NULL : "is not an interface's name";
}

/* One of the ports behind lsof's colon, a range of numbers or a name. */
static bool is_inet_port(const char *value, size_t length)
{
        char copy[SERVICE_MOST + 1];
        char *dash;

        if (length == 0 || length >= sizeof(copy))
                return false;
        memcpy(copy, value, length);
        copy[length] = '\0';
        dash = strchr(copy, '-');
        if (dash == NULL || isalpha((unsigned char)copy[0]))
                return is_port(copy);
        *dash = '\0';
        return isdigit((unsigned char)dash[1]) && is_port(copy) && is_port(dash + 1);
}

static bool is_inet_ports(const char *value)
{
        for (unsigned count = 0; count < PORTS_MOST; count++) {
                size_t n = strcspn(value, ",");

                if (!is_inet_port(value, n))
                        return false;
                if (value[n] == '\0')
                        return true;
                value += n + 1;
        }
        return false;
}

/* An address, in brackets when it is an IPv6 one, or localhost: other names would be asked of the DNS. */
static bool is_inet_host(const char *value, size_t length)
{
        if (length == strlen("localhost") && strncmp(value, "localhost", length) == 0)
                return true;
        if (length > 2 && value[0] == '[' && value[length - 1] == ']')
                return family_of(value + 1, length - 2) == AF_INET6;
        return family_of(value, length) == AF_INET;
}

/* lsof(8), -i: [46][protocol][@host][:ports] */
static bool is_inet(const char *value)
{
        static const char *const protocols[] = { "tcp", "TCP", "udp", "UDP", "sctp", "SCTP", NULL };
        size_t n;

        if (*value == '\0')
                return false;
        value += *value == '4' || *value == '6' ? 1 : 0;
        n = strcspn(value, "@:");
        if (n > 0) {
                size_t i = 0;

                while (protocols[i] != NULL && (strlen(protocols[i]) != n || strncmp(protocols[i], value, n) != 0))
                        i++;
                if (protocols[i] == NULL)
                        return false;
                value += n;
        }
        if (*value == '@') {
                n = value[1] == '[' ? strcspn(value, "]") + 1 : strcspn(value, ":");
                if (n > strlen(value) || !is_inet_host(value + 1, n - 1))
                        return false;
                value += n;
        }
        return *value == '\0' || (*value == ':' && is_inet_ports(value + 1));
}

const char *type_check_inet(const struct type *type, const char *value)
{
        (void)type;
        return is_inet(value) ? NULL : "is not [46][tcp|udp][@address][:port], as in TCP:443 or :22";
}

static bool is_endpoint_address(const char *value, size_t length)
{
        return (length == 1 && *value == '*') || is_prefix(value, length);
}

/* ss(8), HOST SYNTAX, the families with addresses: address, address:port, :port, [address]:port, *:port; a port may be
 * `*`. An IPv6 address without brackets has no port. */
static bool is_endpoint(const char *value)
{
        const char *colon = strrchr(value, ':');
        size_t length = strlen(value);
        const char *slash;

        if (is_endpoint_address(value, length))
                return true;
        slash = value[0] == '[' ? strchr(value, ']') : NULL;
        if (slash != NULL && slash[1] == '\0')
                return family_of(value + 1, (size_t)(slash - value) - 1) == AF_INET6;
        if (colon == NULL || !(strcmp(colon + 1, "*") == 0 || is_port(colon + 1)))
                return false;
        length = (size_t)(colon - value);
        if (length == 0)
                return true;
        if (slash != NULL)
                return slash + 1 == colon && family_of(value + 1, length - 2) == AF_INET6;
        return memchr(value, ':', length) == NULL && is_endpoint_address(value, length);
}

const char *type_check_endpoint(const struct type *type, const char *value)
{
        (void)type;
        return is_endpoint(value) ? NULL : "is not address, address:port, :port or [address]:port";
}
