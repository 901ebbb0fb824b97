#include "pam_diag/policy/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/splitter.h"

void words_free(struct words *words)
{
        for (size_t i = 0; i < words->count; i++) {
                free(words->list[i].text);
                free(words->list[i].pattern);
        }
        free(words->list);
        *words = (struct words){ 0 };
}

int splitter_peek(const struct splitter *s, size_t ahead)
{
        return ahead < s->length - s->at ? (int)(unsigned char)s->line[s->at + ahead] : -1;
}

static bool is_name_byte(int c, bool first)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

/* The entry's texts become the list's, also on failure. */
static int push_entry(struct splitter *s, struct word word)
{
        struct words *words = s->words;
        int r = 0;

        if (words->count >= DECIDE_WORDS_MOST) {
                s->error->limit = true;
                r = REFUSE(s, word.position - 1, NULL, "more than %d words", DECIDE_WORDS_MOST);
        } else if (words->count == words->room) {
                size_t room = words->room == 0 ? 16 : 2 * words->room;
                struct word *larger = reallocarray(words->list, room, sizeof(*larger));

                r = larger == NULL ? -ENOMEM : 0;
                words->list = larger == NULL ? words->list : larger;
                words->room = larger == NULL ? words->room : room;
        }
        if (r == 0) {
                words->list[words->count++] = word;
                return 0;
        }
        free(word.text);
        free(word.pattern);
        return r;
}

int splitter_push_word(struct splitter *s)
{
        struct word word = s->word;

        if (!s->in_word)
                return 0;
        word.text = strndup(s->text.data == NULL ? "" : s->text.data, s->text.length);
        if (word.glob && s->pattern.error == 0)
                word.pattern = strndup(s->pattern.data, s->pattern.length);
        if (word.text == NULL || s->text.error != 0 || (word.glob && word.pattern == NULL)) {
                free(word.text);
                return -ENOMEM;
        }
        buf_clear(&s->text);
        buf_clear(&s->pattern);
        s->in_word = false;
        return push_entry(s, word);
}

int splitter_push_operator(struct splitter *s, enum line_operator op, size_t from)
{
        struct word word = { .op = op, .position = (unsigned)from + 1 };

        word.text = strndup(s->line + from, s->at - from);
        return word.text == NULL ? -ENOMEM : push_entry(s, word);
}

/* A byte of a word. In the pattern a quoted special character stands for itself. */
static void put_byte(struct splitter *s, char c, bool quoted)
{
        buf_put_char(&s->text, c);
        if (quoted && strchr("*?[]\\", c) != NULL)
                buf_put_char(&s->pattern, '\\');
        buf_put_char(&s->pattern, c);
        s->bare = s->bare && !quoted;
}

static void begin_word(struct splitter *s)
{
        if (s->in_word)
                return;
        s->in_word = true;
        s->bare = true;
        s->name_so_far = true;
        s->word = (struct word){ .position = (unsigned)s->at + 1 };
}

/* Is the `$` at this place the beginning of an expansion? A lone one is literal (XCU 2.6). */
static bool expands(int next, bool quoted)
{
        if (next < 0)
                return false;
        if (!quoted && (next == '\'' || next == '"'))
                return true; /* $'…' and $"…" of bash */
        return is_name_byte(next, false) || strchr("{(@*#?-$![", next) != NULL;
}

static int refuse_dollar(struct splitter *s)
{
        return REFUSE(s, s->at, "put a literal $ in single quotes",
                      "$ at position %zu: variables and substitutions are not expanded here", s->at + 1);
}

static int refuse_backtick(struct splitter *s)
{
        return REFUSE(s, s->at, "put a literal ` in single quotes",
                      "` at position %zu: command substitution is not available here", s->at + 1);
}

static int read_single(struct splitter *s)
{
        size_t from = s->at + 1;
        const char *end = memchr(s->line + from, '\'', s->length - from);

        if (end == NULL)
                return REFUSE(s, s->at, "close the quote", "the single quote at position %zu is not closed", s->at + 1);
        s->bare = false;
        for (s->at = from; s->line + s->at < end; s->at++)
                put_byte(s, s->line[s->at], true);
        s->at++;
        return 0;
}

static int read_double(struct splitter *s)
{
        size_t quote = s->at;

        s->bare = false;
        for (s->at++; s->at < s->length; s->at++) {
                char c = s->line[s->at];
                int next = splitter_peek(s, 1);

                if (c == '"') {
                        s->at++;
                        return 0;
                }
                if (c == '`')
                        return refuse_backtick(s);
                if (c == '$' && expands(next, true))
                        return refuse_dollar(s);
                /* In double quotes a backslash escapes these only, else it is a byte like others (XCU 2.2.3). */
                if (c == '\\' && next > 0 && strchr("$`\"\\\n", next) != NULL) {
                        s->at++;
                        if (next == '\n')
                                continue;
                        c = (char)next;
                }
                put_byte(s, c, true);
        }
        return REFUSE(s, quote, "close the quote", "the double quote at position %zu is not closed", quote + 1);
}

static int read_backslash(struct splitter *s)
{
        int next = splitter_peek(s, 1);

        if (next < 0)
                return REFUSE(s, s->at, NULL, "the line ends in a backslash");
        if (next != '\n') {
                begin_word(s);
                s->name_so_far = false;
                put_byte(s, (char)next, true);
        }
        s->at += 2;
        return 0;
}

static int read_plain(struct splitter *s)
{
        char c = s->line[s->at];

        if (c == '`')
                return refuse_backtick(s);
        if (c == '$' && expands(splitter_peek(s, 1), false))
                return refuse_dollar(s);
        if (c == '~' && !s->in_word)
                return REFUSE(s, s->at, "write the absolute path", "~ at position %zu: there is no home directory here",
                              s->at + 1);
        if (strchr(";|&<>()\n", c) != NULL)
                return splitter_operator(s);
        begin_word(s);
        if (strchr("*?[{", c) != NULL)
                s->word.glob = true;
        if (c == '{')
                s->word.brace = true;
        if (c == '=' && s->name_so_far && s->text.length > 0)
                s->word.assignment = true;
        if (!is_name_byte((unsigned char)c, s->text.length == 0))
                s->name_so_far = false;
        put_byte(s, c, false);
        s->at++;
        return 0;
}

/* Blanks, a comment and line ends that no command follows or precedes. *ret_done when something was skipped. */
static int skip_space(struct splitter *s, bool *ret_done)
{
        int c = splitter_peek(s, 0);
        int r;

        *ret_done = true;
        if (c == '#' && !s->in_word) {
                const char *end = memchr(s->line + s->at, '\n', s->length - s->at);

                s->at = end == NULL ? s->length : (size_t)(end - s->line);
                return 0;
        }
        if (c == ' ' || c == '\t' || c == '\n') {
                size_t rest = s->at;

                r = splitter_push_word(s);
                if (r < 0)
                        return r;
                while (rest < s->length && strchr(" \t\n", s->line[rest]) != NULL && s->line[rest] != '\0')
                        rest++;
                /* A line end may stand before and behind the one command, not inside. */
                if (c == '\n' && s->words->count > 0 && rest < s->length && s->line[rest] != '#')
                        return splitter_refuse(s);
                s->at++;
                return 0;
        }
        *ret_done = false;
        return 0;
}

static int step(struct splitter *s)
{
        bool done = false;
        int r = skip_space(s, &done);

        if (r < 0 || done)
                return r;
        switch (s->line[s->at]) {
        case '\'':
                begin_word(s);
                s->name_so_far = false;
                return read_single(s);
        case '"':
                begin_word(s);
                s->name_so_far = false;
                return read_double(s);
        case '\\':
                return read_backslash(s);
        default:
                return read_plain(s);
        }
}

int words_split(const char *line, size_t length, struct words *words, struct words_error *ret_error)
{
        struct splitter s = { .line = line, .length = length, .words = words, .error = ret_error };
        const char *nul = length == 0 ? NULL : memchr(line, '\0', length);
        int r = 0;

        *words = (struct words){ 0 };
        *ret_error = (struct words_error){ .reason = BUF_INIT(512) };
        s.text = BUF_INIT(DECIDE_LINE_MOST);
        s.pattern = BUF_INIT((size_t)2 * DECIDE_LINE_MOST);
        if (length > DECIDE_LINE_MOST) {
                ret_error->limit = true;
                return REFUSE(&s, DECIDE_LINE_MOST, NULL, "the line is longer than %d bytes", DECIDE_LINE_MOST);
        }
        if (nul != NULL)
                return REFUSE(&s, nul - line, NULL, "a NUL byte at position %zu", (size_t)(nul - line) + 1);
        while (r == 0 && s.at < s.length)
                r = step(&s);
        if (r == 0)
                r = splitter_push_word(&s);
        buf_free(&s.text);
        buf_free(&s.pattern);
        return r;
}
