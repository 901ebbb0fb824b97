#include "shipper/sinks/receiver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/num.h"
#include "shipper/credential.h"
#include "sql/auditdb.h"

/* A datagram's size is bounded: by the socket's buffer (unix(7), SO_SNDBUF), by what a receiver of UDP should take (RFC 5426, section
 * 3.2). A stream's is not; receivers have limits of their own, which only their operator knows. */
enum { UNIX_DATAGRAM_MOST = 64 * 1024, UDP_MOST = 2048, STREAM_MOST = 16 * 1024 * 1024 };

static size_t default_most(enum stream_kind kind)
{
        switch (kind) {
        case STREAM_UDP:
                return UDP_MOST;
        case STREAM_UNIX_DATAGRAM:
                return UNIX_DATAGRAM_MOST;
        case STREAM_TCP:
        case STREAM_UNIX:
                break;
        }
        return STREAM_MOST;
}

static bool number_option(const struct sink_config *config, const char *key, uint64_t least, uint64_t most,
                          uint64_t *ret_number)
{
        const char *text = conf_option(config, key);

        return text == NULL || num_parse_u64(text, least, most, ret_number) == 0;
}

static void check_tls(const struct sink_config *config, const struct stream_url *url, struct conf_check *check)
{
        static const char text[] = "without TLS there is no certificate: leave it out, or change the url";

        if (url->scheme->tls)
                return;
        if (config->ca != NULL)
                conf_wrong(check, "ca", "%s", text);
        if (config->certificate != NULL)
                conf_wrong(check, "certificate", "%s", text);
        if (conf_option(config, "tls-name") != NULL)
                conf_wrong(check, "tls-name", "%s", text);
}

void receiver_check(const struct sink_config *config, const struct stream_scheme *schemes, struct conf_check *check)
{
        const char *mark = conf_option(config, "byte-order-mark");
        struct stream_url url;
        uint64_t number = 0;
        const char *wrong = stream_url_parse(config->target, schemes, &url);

        if (wrong != NULL)
                conf_wrong(check, "url", "%s", wrong);
        else
                check_tls(config, &url, check);
        if (!number_option(config, "enterprise", 1, UINT32_MAX, &number))
                conf_wrong(check, "enterprise", "expected a private enterprise number");
        if (!number_option(config, "message-bytes", SYSLOG_MESSAGE_LEAST, STREAM_MOST, &number))
                conf_wrong(check, "message-bytes", "expected a number of bytes from %d to %d", SYSLOG_MESSAGE_LEAST,
                           STREAM_MOST);
        if (mark != NULL && strcmp(mark, "yes") != 0 && strcmp(mark, "no") != 0)
                conf_wrong(check, "byte-order-mark", "expected yes or no");
}

struct syslog_form receiver_form(const struct sink_config *config, const struct stream_scheme *schemes)
{
        const char *mark = conf_option(config, "byte-order-mark");
        uint64_t enterprise = SYSLOG_ENTERPRISE_EXAMPLE;
        uint64_t most = STREAM_MOST;
        struct stream_url url;

        if (stream_url_parse(config->target, schemes, &url) == NULL)
                most = default_most(url.scheme->kind);
        (void)number_option(config, "enterprise", 1, UINT32_MAX, &enterprise);
        (void)number_option(config, "message-bytes", SYSLOG_MESSAGE_LEAST, STREAM_MOST, &most);
        return (struct syslog_form){ .enterprise = (uint32_t)enterprise,
                                     .most = (size_t)most,
                                     .mark = mark == NULL || strcmp(mark, "no") != 0 };
}

int receiver_init(struct receiver *receiver, const struct sink_config *config, const struct stream_scheme *schemes,
                  struct fault *fault)
{
        const char *wrong;

        *receiver = (struct receiver){ .config = config, .form = receiver_form(config, schemes) };
        wrong = stream_url_parse(config->target, schemes, &receiver->url);
        if (wrong != NULL)
                return fault_set(fault, FAULT_CONFIG, "%s: %s", config->name, wrong);
        if (config->private_key != NULL && credential_path(config->private_key, &receiver->key, fault) < 0)
                return -1;
        receiver->tls = (struct stream_tls){ .ca = config->ca,
                                             .certificate = config->certificate,
                                             .key = receiver->key,
                                             .name = conf_option(config, "tls-name") };
        receiver->to = (struct stream_to){ .kind = receiver->url.scheme->kind,
                                           .host = receiver->url.host,
                                           .port = receiver->url.port,
                                           .path = receiver->url.path,
                                           .tls = receiver->url.scheme->tls ? &receiver->tls : NULL,
                                           .bound_ms = (unsigned)config->timeout_ms };
        return 0;
}

void receiver_free(struct receiver *receiver)
{
        free(receiver->key);
        receiver->key = NULL;
}

int receiver_fault(const struct receiver *receiver, int error, const struct stream_why *why, struct fault *fault)
{
        bool ours = error == -EKEYREJECTED || error == -ENOKEY || error == -ENAMETOOLONG || error == -EMSGSIZE ||
                    error == -EACCES || error == -EPROTOTYPE;

        return fault_set(fault, ours ? FAULT_CONFIG : FAULT_LATER, "%s (%s): %s", receiver->config->name,
                         receiver->config->target, why->text);
}

int receiver_connect(const struct receiver *receiver, struct stream **ret_stream, struct fault *fault)
{
        struct stream_why why = { "" };
        int r = stream_open(&receiver->to, ret_stream, &why);

        return r < 0 ? receiver_fault(receiver, r, &why, fault) : 0;
}
