#include "shipper/reply.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pam_diag/base/num.h"
#include "shipper/jsonread.h"

/* `width` digits at *at. */
static bool take_digits(const char **at, size_t width, int *ret_number)
{
        int number = 0;

        for (size_t i = 0; i < width; i++) {
                char c = (*at)[i];

                if (c < '0' || c > '9')
                        return false;
                number = number * 10 + (c - '0');
        }
        *at += width;
        *ret_number = number;
        return true;
}

static bool take_text(const char **at, const char *text)
{
        size_t length = strlen(text);

        if (strncmp(*at, text, length) != 0)
                return false;
        *at += length;
        return true;
}

static bool take_name(const char **at, const char names[][4], size_t count, int *ret_number)
{
        for (size_t i = 0; i < count; i++) {
                if (!take_text(at, names[i]))
                        continue;
                *ret_number = (int)i;
                return true;
        }
        return false;
}

static bool take_clock(const char **at, struct tm *parts)
{
        return take_digits(at, 2, &parts->tm_hour) && take_text(at, ":") && take_digits(at, 2, &parts->tm_min) &&
               take_text(at, ":") && take_digits(at, 2, &parts->tm_sec) && parts->tm_hour < 24 && parts->tm_min < 60 &&
               parts->tm_sec <= 60;
}

/* timegm(3) mends a 31st of February; who writes such a thing is not believed. */
static int to_seconds(struct tm *parts, int64_t *ret_seconds)
{
        int day = parts->tm_mday;
        time_t seconds = timegm(parts);

        if (seconds == (time_t)-1 || parts->tm_mday != day)
                return -EINVAL;
        *ret_seconds = seconds;
        return 0;
}

int reply_date(const char *text, int64_t *ret_seconds)
{
        static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
        static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
        struct tm parts = { 0 };
        const char *at = text;
        int weekday;

        if (!take_name(&at, days, 7, &weekday) || !take_text(&at, ", ") || !take_digits(&at, 2, &parts.tm_mday) ||
            !take_text(&at, " ") || !take_name(&at, months, 12, &parts.tm_mon) || !take_text(&at, " ") ||
            !take_digits(&at, 4, &parts.tm_year) || !take_text(&at, " ") || !take_clock(&at, &parts) ||
            strcmp(at, " GMT") != 0 || parts.tm_mday < 1 || parts.tm_year < 1970)
                return -EINVAL;
        parts.tm_year -= 1900;
        return to_seconds(&parts, ret_seconds);
}

int reply_retry_after(const char *value, const char *date, int64_t now_s, uint64_t *ret_ms)
{
        int64_t until = 0;
        uint64_t seconds = 0;
        int r = num_parse_u64(value, 0, UINT64_MAX, &seconds);

        if (r == -ERANGE) /* only digits, but more than fit */
                seconds = REPLY_WAIT_MOST_S;
        else if (r < 0) {
                if (reply_date(value, &until) < 0)
                        return -EINVAL;
                (void)reply_date(date, &now_s);
                seconds = until > now_s ? (uint64_t)(until - now_s) : 0;
        }
        *ret_ms = 1000 * (seconds < REPLY_WAIT_MOST_S ? seconds : REPLY_WAIT_MOST_S);
        return 0;
}

static void read_partial(struct jsonread *json, int64_t *rejected, char why[REPLY_WHY_SIZE])
{
        bool first = true;
        char key[32];

        if (jsonread_kind(json) == 'n') {
                (void)jsonread_skip(json);
                return;
        }
        if (!jsonread_enter(json, '{'))
                return;
        while (jsonread_key(json, &first, key, sizeof(key))) {
                if (strcmp(key, "rejectedLogRecords") == 0)
                        (void)jsonread_integer(json, rejected);
                else if (strcmp(key, "errorMessage") == 0)
                        (void)jsonread_string(json, why, REPLY_WHY_SIZE);
                else
                        (void)jsonread_skip(json);
        }
}

int reply_otlp(const char *body, size_t length, int64_t *ret_rejected, char ret_why[REPLY_WHY_SIZE])
{
        struct jsonread json = jsonread_of(body, length);
        char why[REPLY_WHY_SIZE] = "";
        int64_t rejected = 0;
        bool first = true;
        char key[32];

        if (!jsonread_at_end(&json)) {
                if (!jsonread_enter(&json, '{'))
                        return -EBADMSG;
                while (jsonread_key(&json, &first, key, sizeof(key))) {
                        if (strcmp(key, "partialSuccess") == 0)
                                read_partial(&json, &rejected, why);
                        else
                                (void)jsonread_skip(&json);
                }
                if (!jsonread_at_end(&json) || rejected < 0)
                        return -EBADMSG;
        }
        *ret_rejected = rejected;
        memcpy(ret_why, why, sizeof(why));
        return 0;
}

/* "error": {"type": …, "reason": …}; old versions have a string. */
static void read_error(struct jsonread *json, char why[REPLY_WHY_SIZE])
{
        char type[64] = "";
        char reason[96] = "";
        bool first = true;
        char key[32];

        if (jsonread_kind(json) != '{') {
                if (jsonread_kind(json) == '"')
                        (void)jsonread_string(json, why, REPLY_WHY_SIZE);
                else
                        (void)jsonread_skip(json);
                return;
        }
        (void)jsonread_enter(json, '{');
        while (jsonread_key(json, &first, key, sizeof(key))) {
                if (strcmp(key, "type") == 0 && jsonread_kind(json) == '"')
                        (void)jsonread_string(json, type, sizeof(type));
                else if (strcmp(key, "reason") == 0 && jsonread_kind(json) == '"')
                        (void)jsonread_string(json, reason, sizeof(reason));
                else
                        (void)jsonread_skip(json);
        }
        (void)snprintf(why, REPLY_WHY_SIZE, "%s%s%s", type, type[0] != '\0' && reason[0] != '\0' ? ": " : "", reason);
}

static bool read_item(struct jsonread *json, struct reply_item *item)
{
        bool first = true;
        char key[32];

        *item = (struct reply_item){ .status = -1 };
        if (!jsonread_enter(json, '{'))
                return false;
        while (jsonread_key(json, &first, key, sizeof(key))) {
                if (strcmp(key, "status") == 0)
                        (void)jsonread_integer(json, &item->status);
                else if (strcmp(key, "_id") == 0 && jsonread_kind(json) == '"')
                        (void)jsonread_string(json, item->id, sizeof(item->id));
                else if (strcmp(key, "error") == 0)
                        read_error(json, item->why);
                else
                        (void)jsonread_skip(json);
        }
        return !json->wrong && item->status >= 100 && item->status <= 599;
}

struct items {
        int (*item)(void *context, size_t index, const struct reply_item *item);
        void *context;
        size_t index;
};

/* [{"create": {…}}, …] */
static int read_items(struct jsonread *json, struct items *items)
{
        bool first = true;

        if (!jsonread_enter(json, '['))
                return -EBADMSG;
        while (jsonread_element(json, &first)) {
                struct reply_item item;
                bool only = true;
                char key[16];
                int r;

                if (!jsonread_enter(json, '{') || !jsonread_key(json, &only, key, sizeof(key)) ||
                    !read_item(json, &item) || jsonread_key(json, &only, key, sizeof(key)) || json->wrong)
                        return -EBADMSG;
                r = items->item(items->context, items->index++, &item);
                if (r < 0)
                        return r;
        }
        return json->wrong ? -EBADMSG : 0;
}

int reply_bulk(const char *body, size_t length, int (*item)(void *context, size_t index, const struct reply_item *item),
               void *context)
{
        struct jsonread json = jsonread_of(body, length);
        struct items items = { .item = item, .context = context };
        bool first = true;
        bool seen = false;
        char key[32];

        if (!jsonread_enter(&json, '{'))
                return -EBADMSG;
        while (jsonread_key(&json, &first, key, sizeof(key))) {
                if (strcmp(key, "items") == 0 && !seen) {
                        int r = read_items(&json, &items);

                        if (r < 0)
                                return r;
                        seen = true;
                } else {
                        (void)jsonread_skip(&json);
                }
        }
        return seen && jsonread_at_end(&json) ? 0 : -EBADMSG;
}

bool reply_has(const char *body, size_t length, const char *words)
{
        return length > 0 && memmem(body, length, words, strlen(words)) != NULL;
}

int reply_loki_oldest(const char *body, size_t length, int64_t *ret_ns)
{
        static const char words[] = "oldest acceptable timestamp is: ";
        const char *found = length > 0 ? memmem(body, length, words, sizeof(words) - 1) : NULL;
        struct tm parts = { 0 };
        char text[24] = "";
        const char *at = text;
        int64_t seconds = 0;
        size_t left;

        if (found == NULL)
                return -ENOENT;
        found += sizeof(words) - 1;
        left = length - (size_t)(found - body);
        memcpy(text, found, left < sizeof(text) - 1 ? left : sizeof(text) - 1);
        if (!take_digits(&at, 4, &parts.tm_year) || !take_text(&at, "-") || !take_digits(&at, 2, &parts.tm_mon) ||
            !take_text(&at, "-") || !take_digits(&at, 2, &parts.tm_mday) || !take_text(&at, "T") ||
            !take_clock(&at, &parts) || parts.tm_year < 1970 || parts.tm_year > 2200 || parts.tm_mon < 1 ||
            parts.tm_mon > 12 || parts.tm_mday < 1)
                return -ENOENT;
        parts.tm_year -= 1900;
        parts.tm_mon -= 1;
        if (to_seconds(&parts, &seconds) < 0)
                return -ENOENT;
        *ret_ns = seconds * INT64_C(1000000000);
        return 0;
}
