#include "shipper/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config.h"
#include "pam_diag/base/mem.h"
#include "shipper/credential.h"
#include "shipper/gzip.h"
#include "shipper/libcurl.h"

enum { CONNECT_MS = 10000, ZIPPED_MOST = 64 * 1024 * 1024 };

struct http {
        const struct sink_config *sink;
        struct libcurl libcurl;
        CURL *curl;
        struct curl_slist *headers;
        struct http_reply reply;
        struct buf zipped;
        char error[CURL_ERROR_SIZE];
};

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
        struct http *http = context;

        /* More than a reply may have ends the transfer (CURLOPT_WRITEFUNCTION(3)). */
        buf_put(&http->reply.body, data, size * count);
        return http->reply.body.error == 0 ? size * count : 0;
}

static void keep_header(const char *line, size_t length, const char *name, char *to, size_t size)
{
        size_t at = strlen(name);

        if (length <= at || strncasecmp(line, name, at) != 0)
                return;
        while (at < length && (line[at] == ' ' || line[at] == '\t'))
                at++;
        while (length > at && (unsigned char)line[length - 1] <= ' ')
                length--;
        if (length - at >= size)
                length = at + size - 1;
        memcpy(to, line + at, length - at);
        to[length - at] = '\0';
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
        struct http_reply *reply = &((struct http *)context)->reply;
        size_t length = size * count;

        keep_header(data, length, "Retry-After:", reply->retry_after, sizeof(reply->retry_after));
        keep_header(data, length, "Date:", reply->date, sizeof(reply->date));
        keep_header(data, length, "Content-Type:", reply->content_type, sizeof(reply->content_type));
        return length;
}

static void add_header(struct http *http, const char *line, bool *failed)
{
        struct curl_slist *longer = http->libcurl.slist_append(http->headers, line);

        if (longer != NULL)
                http->headers = longer;
        *failed = *failed || longer == NULL;
}

/* The secret is wiped from our own memory once libcurl has its copy. */
static int add_token(struct http *http, bool *failed, struct fault *fault)
{
        cleanup_free char *token = NULL;
        cleanup_free char *line = NULL;

        if (http->sink->token == NULL)
                return 0;
        if (credential_read(http->sink->token, &token, fault) < 0)
                return -1;
        if (asprintf(&line, "Authorization: Bearer %s", token) < 0)
                line = NULL;
        if (line != NULL)
                add_header(http, line, failed);
        *failed = *failed || line == NULL;
        explicit_bzero(token, strlen(token));
        if (line != NULL)
                explicit_bzero(line, strlen(line));
        return 0;
}

static int add_password(struct http *http, bool *failed, struct fault *fault)
{
        cleanup_free char *password = NULL;

        if (http->sink->user == NULL)
                return 0;
        if (credential_read(http->sink->password, &password, fault) < 0)
                return -1;
        *failed = *failed || http->libcurl.easy_setopt(http->curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC) != CURLE_OK ||
                  http->libcurl.easy_setopt(http->curl, CURLOPT_USERNAME, http->sink->user) != CURLE_OK ||
                  http->libcurl.easy_setopt(http->curl, CURLOPT_PASSWORD, password) != CURLE_OK;
        explicit_bzero(password, strlen(password));
        return 0;
}

static int set_headers(struct http *http, const char *const *headers, struct fault *fault)
{
        bool failed = false;

        for (; *headers != NULL; headers++)
                add_header(http, *headers, &failed);
        add_header(http, "Expect:", &failed); /* no waiting for a 100 */
        if (http->sink->gzip)
                add_header(http, "Content-Encoding: gzip", &failed);
        if (add_token(http, &failed, fault) < 0 || add_password(http, &failed, fault) < 0)
                return -1;
        return failed ? fault_set(fault, FAULT_LATER, "out of memory") : 0;
}

#define SET(option, value) (code = code != CURLE_OK ? code : http->libcurl.easy_setopt(http->curl, option, value))

static CURLcode set_transfer(struct http *http)
{
        const struct sink_config *sink = http->sink;
        CURLcode code = CURLE_OK;

        SET(CURLOPT_PROTOCOLS_STR, "http,https");
        SET(CURLOPT_FOLLOWLOCATION, 0L);
        SET(CURLOPT_PROXY, sink->proxy != NULL ? sink->proxy : "");
        SET(CURLOPT_NOPROXY, "");
        SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
        SET(CURLOPT_NOSIGNAL, 1L);
        SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
        SET(CURLOPT_USERAGENT, "pam_diag/" PAM_DIAG_VERSION);
        SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(sink->timeout_ms < CONNECT_MS ? sink->timeout_ms : CONNECT_MS));
        SET(CURLOPT_TIMEOUT_MS, (long)sink->timeout_ms);
        SET(CURLOPT_ERRORBUFFER, http->error);
        SET(CURLOPT_WRITEFUNCTION, on_body);
        SET(CURLOPT_WRITEDATA, http);
        SET(CURLOPT_HEADERFUNCTION, on_header);
        SET(CURLOPT_HEADERDATA, http);
        SET(CURLOPT_HTTPHEADER, http->headers);
        return code;
}

static CURLcode set_tls(struct http *http, const char *key)
{
        const struct sink_config *sink = http->sink;
        CURLcode code = CURLE_OK;

        SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
        SET(CURLOPT_SSL_VERIFYPEER, 1L);
        SET(CURLOPT_SSL_VERIFYHOST, 2L);
        if (sink->ca != NULL) {
                SET(CURLOPT_CAINFO, sink->ca);
                SET(CURLOPT_CAPATH, NULL);
        }
        if (key != NULL) {
                SET(CURLOPT_SSLCERT, sink->certificate);
                SET(CURLOPT_SSLKEY, key);
        }
        return code;
}

static int set_up(struct http *http, const char *const *headers, struct fault *fault)
{
        cleanup_free char *key = NULL;

        if (set_headers(http, headers, fault) < 0)
                return -1;
        if (http->sink->private_key != NULL && credential_path(http->sink->private_key, &key, fault) < 0)
                return -1;
        if (set_transfer(http) != CURLE_OK || set_tls(http, key) != CURLE_OK)
                return fault_set(fault, FAULT_CONFIG,
                                 "%s: libcurl does not take its settings (too old, or without TLS?)", http->sink->name);
        return 0;
}

int http_open(const struct sink_config *sink, const char *const *headers, struct http **ret_http, struct fault *fault)
{
        struct http *http = calloc(1, sizeof(*http));

        if (http == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        http->sink = sink;
        http->reply.body = BUF_INIT(HTTP_REPLY_MOST);
        http->zipped = BUF_INIT(ZIPPED_MOST);
        if (libcurl_load(LIBCURL, sink->name, &http->libcurl, fault) < 0) {
                free(http);
                return -1;
        }
        /* Counted: every open has its close. This program has one thread. */
        if (http->libcurl.global_init(CURL_GLOBAL_SSL) == CURLE_OK)
                http->curl = http->libcurl.easy_init();
        if (http->curl == NULL) {
                http_close(http);
                return fault_set(fault, FAULT_LATER, "%s: libcurl cannot be started", sink->name);
        }
        if (set_up(http, headers, fault) < 0) {
                http_close(http);
                return -1;
        }
        *ret_http = http;
        return 0;
}

void http_close(struct http *http)
{
        if (http == NULL)
                return;
        http->libcurl.easy_cleanup(http->curl);
        http->libcurl.slist_free_all(http->headers);
        http->libcurl.global_cleanup();
        buf_free(&http->reply.body);
        buf_free(&http->zipped);
        free(http);
}

/* What another try cannot mend. */
static bool is_lasting(CURLcode code)
{
        switch (code) {
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_URL_MALFORMAT:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_LOGIN_DENIED:
                return true;
        default:
                return false;
        }
}

static void perform(struct http *http, const char *url)
{
        struct http_reply *reply = &http->reply;
        long connects = 0;
        CURLcode code;

        buf_clear(&reply->body);
        buf_put_text(&reply->body, "");
        reply->status = 0;
        reply->retry_after[0] = reply->date[0] = reply->content_type[0] = reply->why[0] = http->error[0] = '\0';
        code = http->libcurl.easy_setopt(http->curl, CURLOPT_URL, url);
        if (code == CURLE_OK)
                code = http->libcurl.easy_perform(http->curl);
        (void)http->libcurl.easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &reply->status);
        (void)http->libcurl.easy_getinfo(http->curl, CURLINFO_NUM_CONNECTS, &connects);
        reply->fresh = connects > 0;
        reply->result = code == CURLE_OK ? HTTP_REPLIED : is_lasting(code) ? HTTP_CONFIG : HTTP_LATER;
        if (code != CURLE_OK)
                (void)snprintf(reply->why, sizeof(reply->why), "%s",
                               reply->body.error != 0   ? "the reply is larger than any of ours may be"
                               : http->error[0] != '\0' ? http->error
                                                        : http->libcurl.easy_strerror(code));
}

static const struct http_reply *fail(struct http *http, const char *why)
{
        http->reply.result = HTTP_LATER;
        http->reply.status = 0;
        (void)snprintf(http->reply.why, sizeof(http->reply.why), "%s", why);
        return &http->reply;
}

const struct http_reply *http_post(struct http *http, const char *query, const char *body, size_t length)
{
        cleanup_free char *url = NULL;
        CURLcode code = CURLE_OK;

        if (http->sink->gzip) {
                buf_clear(&http->zipped);
                if (gzip_put(&http->zipped, body, length) < 0)
                        return fail(http, "cannot compress a batch");
                body = http->zipped.data;
                length = http->zipped.length;
        }
        if (asprintf(&url, "%s%s", http->sink->target, query) < 0)
                return fail(http, "out of memory");
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
        SET(CURLOPT_POSTFIELDS, body);
        if (code != CURLE_OK)
                return fail(http, http->libcurl.easy_strerror(code));
        perform(http, url);
        return &http->reply;
}

const struct http_reply *http_get(struct http *http, const char *path)
{
        cleanup_free char *url = NULL;
        const char *host = strstr(http->sink->target, "://");
        CURLcode code = CURLE_OK;
        int length;

        if (host == NULL)
                return fail(http, "no URL");
        host += 3;
        length = (int)(host - http->sink->target) + (int)strcspn(host, "/?#");
        if (asprintf(&url, "%.*s%s", length, http->sink->target, path) < 0)
                return fail(http, "out of memory");
        SET(CURLOPT_HTTPGET, 1L);
        if (code != CURLE_OK)
                return fail(http, http->libcurl.easy_strerror(code));
        perform(http, url);
        return &http->reply;
}
