/* What the sinks that speak over a stream take from their section: where the receiver is, TLS, the form of a message.
 *
 * Linked by: diag-ship (sinks/syslog.c, relp.c).
 */
#pragma once

#include "shipper/sinks/sink.h"
#include "shipper/sinks/syslog_message.h"
#include "shipper/stream_url.h"

/* The keys of syslog_message.h, for a type's list of its own keys. */
#define RECEIVER_OPTIONS "tls-name", "enterprise", "byte-order-mark", "message-bytes"

/* Within the same scheme a common key is taken or not: those of TLS. */
enum { RECEIVER_KEYS = SINK_URL | SINK_CA | SINK_CLIENT | SINK_TIMEOUT };

struct receiver {
        const struct sink_config *config;
        struct stream_url url;
        struct stream_tls tls;
        struct stream_to to; /* points into the members above */
        struct syslog_form form;
        char *key; /* path of the client's key */
};

/* For a type's check. */
void receiver_check(const struct sink_config *config, const struct stream_scheme *schemes, struct conf_check *check);

/* The form that the section asks for; the section has been checked. */
struct syslog_form receiver_form(const struct sink_config *config, const struct stream_scheme *schemes);

/* `receiver` stays where it is from then on. */
int receiver_init(struct receiver *receiver, const struct sink_config *config, const struct stream_scheme *schemes,
                  struct fault *fault);
void receiver_free(struct receiver *receiver);

int receiver_connect(const struct receiver *receiver, struct stream **ret_stream, struct fault *fault);

/* The fault of a call of stream.h that returned `error`, named after the sink. */
int receiver_fault(const struct receiver *receiver, int error, const struct stream_why *why, struct fault *fault);
