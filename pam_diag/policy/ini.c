#include "pam_diag/policy/ini.h"

#include <errno.h>
#include <string.h>

#include "pam_diag/base/buf.h"
#include "pam_diag/base/json.h"
#include "pam_diag/base/mem.h"

struct reader {
        const char *file;
        const struct ini_handler *handler;
        struct policy_errors *errors;
        unsigned line;
        bool in_section; /* a good heading has been seen */
        bool skipping; /* the heading was bad: its items are not handed out */
        const char *text;
        size_t length;
        struct buf item; /* key and value of the present line, each with its NUL; one memory for all lines */
};

static bool is_blank(char c)
{
        return c == ' ' || c == '\t';
}

static bool is_key_character(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

static size_t skip_blanks(const struct reader *reader, size_t at)
{
        while (at < reader->length && is_blank(reader->text[at]))
                at++;
        return at;
}

#define WRONG(reader, at, ...) \
        policy_error((reader)->errors, (reader)->file, (reader)->line, (unsigned)(at) + 1, __VA_ARGS__)

/* The first byte that a policy file may not hold is reported, with its place. */
static bool has_good_bytes(const struct reader *reader)
{
        for (size_t i = 0; i < reader->length;) {
                uint32_t code = 0;
                size_t n;

                /* Nearly all of them, without the calls. */
                if (reader->text[i] >= ' ' && reader->text[i] < 0x7f) {
                        i++;
                        continue;
                }
                n = json_utf8_next(reader->text + i, reader->length - i, &code);
                if (n == 0) {
                        WRONG(reader, i, "byte 0x%02x is not UTF-8", (unsigned)(unsigned char)reader->text[i]);
                        return false;
                }
                if ((code < 0x20 && code != '\t') || (code >= 0x7f && code < 0xa0)) {
                        WRONG(reader, i, "control character 0x%02x", (unsigned)code);
                        return false;
                }
                i += n;
        }
        return true;
}

static int split_heading(struct reader *reader, size_t at, size_t end, char ***words)
{
        for (;;) {
                cleanup_free char *word = NULL;
                size_t from;

                at = skip_blanks(reader, at);
                if (at >= end)
                        return 0;
                from = at;
                while (at < end && !is_blank(reader->text[at]))
                        at++;
                word = strndup(reader->text + from, at - from);
                if (word == NULL || strv_append(words, word) < 0)
                        return -ENOMEM;
        }
}

static int read_heading(struct reader *reader, size_t at)
{
        struct ini_item item = { .file = reader->file, .line = reader->line, .column = (unsigned)at + 1 };
        cleanup_strv char **words = NULL;
        size_t end = reader->length;

        reader->in_section = true;
        reader->skipping = true;
        if (reader->text[end - 1] != ']') {
                WRONG(reader, end - 1, "a section's heading ends with ] and nothing follows it");
                return 0;
        }
        if (memchr(reader->text + at + 1, '[', end - at - 1) != NULL ||
            memchr(reader->text + at + 1, ']', end - at - 2) != NULL) {
                WRONG(reader, at, "brackets inside of a section's heading");
                return 0;
        }
        if (split_heading(reader, at + 1, end - 1, &words) < 0)
                return -ENOMEM;
        if (words == NULL || strv_length(words) > INI_SECTION_WORDS_MOST) {
                WRONG(reader, at, "a section's heading has 1 to %d words", INI_SECTION_WORDS_MOST);
                return 0;
        }
        reader->skipping = false;
        item.words = words;
        return reader->handler->section(reader->handler->context, &item);
}

/* The bytes between quotes, escapes undone. False and an error told when they are not well-formed. */
static bool put_quoted(struct reader *reader, size_t quote)
{
        for (size_t i = quote + 1; i < reader->length; i++) {
                char c = reader->text[i];

                if (c == '"' && i + 1 == reader->length)
                        return true;
                if (c == '"') {
                        WRONG(reader, i + 1, "nothing may follow a quoted value");
                        return false;
                }
                if (c == '\\') {
                        i++;
                        if (i >= reader->length || (reader->text[i] != '"' && reader->text[i] != '\\')) {
                                WRONG(reader, i - 1, "in a quoted value, \\ stands before \" or \\ only");
                                return false;
                        }
                        c = reader->text[i];
                }
                buf_put_char(&reader->item, c);
        }
        WRONG(reader, quote, "the quoted value does not end on its line");
        return false;
}

static int hand_out(struct reader *reader, struct ini_item *item, size_t key_length, size_t at)
{
        buf_clear(&reader->item);
        buf_put(&reader->item, reader->text + item->column - 1, key_length);
        buf_put_char(&reader->item, '\0');
        if (at >= reader->length || reader->text[at] != '"')
                buf_put(&reader->item, reader->text + at, reader->length - at);
        else if (!put_quoted(reader, at))
                return 0;
        if (reader->item.error != 0 || reader->skipping)
                return reader->item.error;
        item->key = reader->item.data;
        item->value = reader->item.data + key_length + 1;
        item->value_column = (unsigned)at + 1;
        return reader->handler->item(reader->handler->context, item);
}

static int read_item(struct reader *reader, size_t at)
{
        struct ini_item item = { .file = reader->file, .line = reader->line, .column = (unsigned)at + 1 };
        size_t from = at;
        size_t key_length;

        while (at < reader->length && is_key_character(reader->text[at]))
                at++;
        key_length = at - from;
        at = skip_blanks(reader, at);
        if (key_length == 0 || at >= reader->length || reader->text[at] != '=') {
                WRONG(reader, at < reader->length ? at : from,
                      "expected [section], key = value (keys: a-z 0-9 -) or a comment");
                return 0;
        }
        at = skip_blanks(reader, at + 1);
        if (!reader->in_section) {
                WRONG(reader, from, "a key before the first section");
                return 0;
        }
        return hand_out(reader, &item, key_length, at);
}

static int read_line(struct reader *reader)
{
        size_t at;

        if (reader->length > INI_LINE_MOST) {
                WRONG(reader, 0, "the line is longer than %d bytes", INI_LINE_MOST);
                return 0;
        }
        if (!has_good_bytes(reader))
                return 0;
        while (reader->length > 0 && is_blank(reader->text[reader->length - 1]))
                reader->length--;
        at = skip_blanks(reader, 0);
        if (at == reader->length || reader->text[at] == '#' || reader->text[at] == ';')
                return 0;
        if (reader->text[at] == '[')
                return read_heading(reader, at);
        return read_item(reader, at);
}

int ini_parse(const char *file, const char *data, size_t length, const struct ini_handler *handler,
              struct policy_errors *errors)
{
        struct reader reader = {
                .file = file, .handler = handler, .errors = errors, .item = BUF_INIT(INI_LINE_MOST + 1)
        };
        size_t at = 0;
        int r = 0;

        if (length > INI_FILE_MOST) {
                policy_error(errors, file, 0, 0, "the file is larger than %d bytes", INI_FILE_MOST);
                return 0;
        }
        while (r == 0 && at < length) {
                const char *end = memchr(data + at, '\n', length - at);

                reader.line++;
                reader.text = data + at;
                reader.length = end == NULL ? length - at : (size_t)(end - reader.text);
                at += reader.length + 1;
                r = read_line(&reader);
        }
        buf_free(&reader.item);
        return r;
}

bool ini_next_word(const struct ini_item *item, const char **at, struct ini_span *ret_span)
{
        const char *from = *at == NULL ? item->value : *at;
        const char *end;

        while (is_blank(*from))
                from++;
        end = from;
        while (*end != '\0' && !is_blank(*end))
                end++;
        *at = end;
        if (end == from)
                return false;
        *ret_span = (struct ini_span){ .text = from,
                                       .length = (size_t)(end - from),
                                       .column = item->value_column + (unsigned)(from - item->value) };
        return true;
}
