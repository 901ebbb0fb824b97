#include <string.h>

#include "shipper/http.h"

static bool begins(const char *text, const char *with)
{
        return strncmp(text, with, strlen(with)) == 0;
}

static bool is_host(const char *host, size_t length, const char *name)
{
        return strlen(name) == length && strncmp(host, name, length) == 0;
}

/* Of "host:port" or "[v6]:port". */
static size_t host_length(const char *host)
{
        size_t length = strcspn(host, "/?#");
        const char *end;

        if (host[0] == '[') {
                end = memchr(host, ']', length);
                return end == NULL ? length : (size_t)(end - host) + 1;
        }
        end = memchr(host, ':', length);
        return end == NULL ? length : (size_t)(end - host);
}

static void check_secrets(const struct sink_config *sink, const char *host, struct conf_check *check)
{
        size_t length = host_length(host);
        bool here = is_host(host, length, "localhost") || is_host(host, length, "[::1]") ||
                    (begins(host, "127.") && strspn(host, "0123456789.") == length);

        if ((sink->user != NULL || sink->token != NULL) && !here && !sink->cleartext)
                conf_wrong(check, "url",
                           "credentials would travel without TLS; use https://, or say `cleartext = yes` where the "
                           "network "
                           "itself is encrypted");
}

void http_check(const struct sink_config *sink, struct conf_check *check)
{
        const char *host = strstr(sink->target, "://");
        bool tls = begins(sink->target, "https://");

        if (!tls && !begins(sink->target, "http://")) {
                conf_wrong(check, "url", "expected http://… or https://…");
                return;
        }
        host += 3;
        if (host_length(host) == 0 || memchr(host, '@', strcspn(host, "/?#")) != NULL)
                conf_wrong(check, "url",
                           "expected a host, and no user or password (`user`, `password` and `token` are for that)");
        for (const char *c = sink->target; *c != '\0'; c++)
                if ((unsigned char)*c <= ' ' || *c == '#' || (unsigned char)*c >= 0x7f) {
                        conf_wrong(check, "url", "a URL has no blanks, no `#` and no characters beyond ASCII");
                        break;
                }
        if (!tls)
                check_secrets(sink, host, check);
        if (!tls && (sink->ca != NULL || sink->certificate != NULL))
                conf_wrong(check, sink->ca != NULL ? "ca" : "certificate", "needs an https:// URL");
}
