/* What the other end has answered: pure parsers of hostile bytes (I8).
 *
 * Linked by: diag-ship.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        REPLY_WHY_SIZE = 200,
        REPLY_WAIT_MOST_S = 24 * 3600, /* a Retry-After beyond that means no more than that */
};

/* Seconds since 1970 of "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7, the one form that is still made). -EINVAL. */
int reply_date(const char *text, int64_t *ret_seconds);

/* Retry-After (RFC 9110, 10.2.3): seconds, or a date, which is held against the reply's own Date when it has one (`now_s` is our
 * clock, for when it has not). A time in the past is 0. -EINVAL for anything else. */
int reply_retry_after(const char *value, const char *date, int64_t now_s, uint64_t *ret_ms);

/* OTLP/HTTP (opentelemetry.io/docs/specs/otlp, "Partial Success"). An empty body or {} is full success. -EBADMSG when it is no such
 * reply. *ret_why is "" when there is no message. */
int reply_otlp(const char *body, size_t length, int64_t *ret_rejected, char ret_why[REPLY_WHY_SIZE]);

/* One item of an Elasticsearch _bulk reply. */
struct reply_item {
        int64_t status;
        char id[96];
        char why[REPLY_WHY_SIZE];
};

/* Calls back for each item in order. -EBADMSG when it is no such reply (items may have been handed out before), or the callback's
 * own negative value. */
int reply_bulk(const char *body, size_t length, int (*item)(void *context, size_t index, const struct reply_item *item),
               void *context);

/* Loki's "oldest acceptable timestamp is: 2026-01-31T12:00:00Z" in a refusal, in nanoseconds since 1970. -ENOENT. */
int reply_loki_oldest(const char *body, size_t length, int64_t *ret_ns);
bool reply_has(const char *body, size_t length, const char *words);
