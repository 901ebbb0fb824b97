#include "shipper/sinks/relp_frame.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { DIGITS_MOST = 9 };

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Digits, at most nine, up to a character that is none: *at then stands there. */
static int take_number(const char *bytes, size_t size, size_t *at, uint32_t *ret_number)
{
        uint32_t number = 0;
        size_t n = 0;

        for (; *at + n < size && is_digit(bytes[*at + n]); n++) {
                if (n == DIGITS_MOST)
                        return -EBADMSG;
                number = number * 10 + (uint32_t)(bytes[*at + n] - '0');
        }
        if (*at + n == size)
                return -EAGAIN;
        if (n == 0)
                return -EBADMSG;
        *at += n;
        *ret_number = number;
        return 0;
}

static int take_command(const char *bytes, size_t size, size_t *at, char command[RELP_COMMAND_MOST + 1])
{
        size_t n = 0;

        for (; *at + n < size && is_letter(bytes[*at + n]); n++)
                if (n == RELP_COMMAND_MOST)
                        return -EBADMSG;
        if (*at + n == size)
                return -EAGAIN;
        if (n == 0)
                return -EBADMSG;
        memcpy(command, bytes + *at, n);
        command[n] = '\0';
        *at += n;
        return 0;
}

static int take_character(const char *bytes, size_t size, size_t *at, char wanted)
{
        if (*at == size)
                return -EAGAIN;
        if (bytes[*at] != wanted)
                return -EBADMSG;
        (*at)++;
        return 0;
}

static int take_data(const char *bytes, size_t size, size_t *at, uint32_t length, const char **ret_data)
{
        int r;

        if (length > RELP_REPLY_MOST)
                return -EBADMSG;
        /* librelp writes `LENGTH SP LF` for no data, and takes it; the description of the protocol has no blank there. */
        if (length == 0) {
                if (*at < size && bytes[*at] == ' ')
                        (*at)++;
                *ret_data = bytes + *at;
                return 0;
        }
        r = take_character(bytes, size, at, ' ');
        if (r < 0)
                return r;
        if (size - *at < length)
                return -EAGAIN;
        *ret_data = bytes + *at;
        *at += length;
        return 0;
}

int relp_frame_parse(const char *bytes, size_t size, struct relp_frame *ret_frame, size_t *ret_used)
{
        struct relp_frame frame = { 0 };
        uint32_t length = 0;
        size_t at = 0;
        int r;

        if ((r = take_number(bytes, size, &at, &frame.number)) < 0 || (r = take_character(bytes, size, &at, ' ')) < 0 ||
            (r = take_command(bytes, size, &at, frame.command)) < 0 ||
            (r = take_character(bytes, size, &at, ' ')) < 0 || (r = take_number(bytes, size, &at, &length)) < 0 ||
            (r = take_data(bytes, size, &at, length, &frame.data)) < 0 ||
            (r = take_character(bytes, size, &at, '\n')) < 0)
                return r;
        frame.length = length;
        *ret_frame = frame;
        *ret_used = at;
        return 0;
}

void relp_frame_put(struct buf *buf, uint32_t number, const char *command, const char *data, size_t length)
{
        buf_printf(buf, "%" PRIu32 " %s %zu", number, command, length);
        if (length > 0) {
                buf_put_char(buf, ' ');
                buf_put(buf, data, length);
        }
        buf_put_char(buf, '\n');
}

int relp_reply_parse(const char *data, size_t length, unsigned *ret_code, char ret_text[RELP_TEXT_SIZE])
{
        size_t n = 0;

        if (length < 3 || !is_digit(data[0]) || !is_digit(data[1]) || !is_digit(data[2]) ||
            (length > 3 && data[3] != ' ' && data[3] != '\n'))
                return -EBADMSG;
        for (size_t i = 4; i < length && data[3] == ' ' && data[i] != '\n' && n + 1 < RELP_TEXT_SIZE; i++)
                ret_text[n++] = data[i] >= ' ' && data[i] < 0x7f ? data[i] : '?';
        ret_text[n] = '\0';
        *ret_code = (unsigned)(data[0] - '0') * 100 + (unsigned)(data[1] - '0') * 10 + (unsigned)(data[2] - '0');
        return 0;
}

/* Is `word` one of the comma-parted words? */
static bool has_word(const char *words, size_t length, const char *word)
{
        size_t size = strlen(word);

        for (size_t from = 0; from < length;) {
                const char *comma = memchr(words + from, ',', length - from);
                size_t end = comma != NULL ? (size_t)(comma - words) : length;

                if (end - from == size && memcmp(words + from, word, size) == 0)
                        return true;
                from = end + 1;
        }
        return false;
}

static bool begins(const char *line, size_t length, const char *prefix)
{
        return length >= strlen(prefix) && memcmp(line, prefix, strlen(prefix)) == 0;
}

bool relp_offers_suffice(const char *data, size_t length)
{
        static const char version[] = "relp_version=";
        static const char commands[] = "commands=";
        bool version_fits = false;
        bool takes_syslog = false;

        for (size_t from = 0; from < length;) {
                const char *line = data + from;
                const char *end = memchr(line, '\n', length - from);
                size_t size = end != NULL ? (size_t)(end - line) : length - from;

                if (begins(line, size, version))
                        version_fits = size == strlen(version) + 1 && (line[size - 1] == '0' || line[size - 1] == '1');
                else if (begins(line, size, commands))
                        takes_syslog = has_word(line + strlen(commands), size - strlen(commands), "syslog");
                from += size + 1;
        }
        return version_fits && takes_syslog;
}
