#include "shipper/stream_url.h"

#include <string.h>

#include "pam_diag/base/num.h"

enum { PORT_MOST = 65535 };

static const char *parse_path(const char *text, struct stream_url *url)
{
        if (text[0] != '/' || text[1] == '/' || text[1] == '\0')
                return "expected an absolute path after the colon, as in unix:/dev/log";
        if (strlen(text) >= sizeof(url->path))
                return "the path of a socket has at most 107 bytes";
        memcpy(url->path, text, strlen(text) + 1);
        return NULL;
}

static const char *parse_port(const char *text, struct stream_url *url)
{
        uint64_t number = 0;

        if (text[0] == '\0' && url->scheme->port == NULL)
                return "expected a port after the host, as in tcp://host:514";
        if (text[0] == '\0') {
                memcpy(url->port, url->scheme->port, strlen(url->scheme->port) + 1);
                return NULL;
        }
        if (text[0] != ':' || strlen(text + 1) >= sizeof(url->port) ||
            num_parse_u64(text + 1, 1, PORT_MOST, &number) < 0)
                return "expected a port from 1 to 65535 behind the host, and nothing after it";
        memcpy(url->port, text + 1, strlen(text + 1) + 1);
        return NULL;
}

static bool is_host(const char *text, size_t length)
{
        for (size_t i = 0; i < length; i++)
                if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z') ||
                      (text[i] >= '0' && text[i] <= '9') || strchr(".-_:%", text[i]) != NULL))
                        return false;
        return length > 0;
}

/* HOST, or [ADDRESS] for one with colons. */
static const char *parse_host(const char *text, struct stream_url *url)
{
        static const char expected[] = "expected //HOST or //[ADDRESS]";
        bool bracket = strncmp(text, "//[", 3) == 0;
        const char *host = text + (bracket ? 3 : 2);
        size_t length;

        if (strncmp(text, "//", 2) != 0)
                return expected;
        length = strcspn(host, bracket ? "]" : ":/");
        if (length >= sizeof(url->host) || !is_host(host, length) || (bracket && host[length] != ']'))
                return expected;
        memcpy(url->host, host, length);
        url->host[length] = '\0';
        return parse_port(host + length + (bracket ? 1 : 0), url);
}

const char *stream_url_parse(const char *text, const struct stream_scheme *schemes, struct stream_url *ret_url)
{
        struct stream_url url = { 0 };
        size_t length = strcspn(text, ":");
        const char *wrong;

        for (; schemes->name != NULL; schemes++)
                if (strlen(schemes->name) == length && memcmp(schemes->name, text, length) == 0)
                        break;
        if (schemes->name == NULL || text[length] != ':')
                return "it does not begin with a scheme that this type of sink knows";
        url.scheme = schemes;
        if (schemes->kind == STREAM_UNIX || schemes->kind == STREAM_UNIX_DATAGRAM)
                wrong = parse_path(text + length + 1, &url);
        else
                wrong = parse_host(text + length + 1, &url);
        if (wrong == NULL)
                *ret_url = url;
        return wrong;
}
