#include "pam_diag/policy/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/decide.h"

struct splitter {
        const char *line;
        size_t length;
        size_t at;
        struct words *words;
        struct words_error *error;
        struct buf text; /* of the word that is being read */
        bool in_word;
        bool name_so_far; /* nothing but an unquoted name yet */
        struct word word;
};

void words_free(struct words *words)
{
        for (size_t i = 0; i < words->count; i++)
                free(words->list[i].text);
        free(words->list);
        *words = (struct words){ 0 };
}

#define REFUSE(splitter, where, what, ...)                                                      \
        ((splitter)->error->position = (unsigned)(where) + 1, (splitter)->error->hint = (what), \
         buf_printf(&(splitter)->error->reason, __VA_ARGS__), -EINVAL)

static int peek(const struct splitter *s, size_t ahead)
{
        return ahead < s->length - s->at ? (int)(unsigned char)s->line[s->at + ahead] : -1;
}

static bool is_name_byte(int c, bool first)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

static int push_word(struct splitter *s)
{
        struct words *words = s->words;

        if (!s->in_word)
                return 0;
        if (words->count >= DECIDE_WORDS_MOST) {
                s->error->limit = true;
                return REFUSE(s, s->word.position - 1, NULL, "more than %d words", DECIDE_WORDS_MOST);
        }
        if (words->count == words->room) {
                size_t room = words->room == 0 ? 16 : 2 * words->room;
                struct word *larger = reallocarray(words->list, room, sizeof(*larger));

                if (larger == NULL)
                        return -ENOMEM;
                words->list = larger;
                words->room = room;
        }
        s->word.text = strndup(s->text.data == NULL ? "" : s->text.data, s->text.length);
        if (s->word.text == NULL || s->text.error != 0)
                return -ENOMEM;
        words->list[words->count++] = s->word;
        buf_clear(&s->text);
        s->in_word = false;
        return 0;
}

static void begin_word(struct splitter *s)
{
        if (s->in_word)
                return;
        s->in_word = true;
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
        buf_put(&s->text, s->line + from, (size_t)(end - s->line) - from);
        s->at = (size_t)(end - s->line) + 1;
        return 0;
}

static int read_double(struct splitter *s)
{
        size_t quote = s->at;

        for (s->at++; s->at < s->length; s->at++) {
                char c = s->line[s->at];
                int next = peek(s, 1);

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
                buf_put_char(&s->text, c);
        }
        return REFUSE(s, quote, "close the quote", "the double quote at position %zu is not closed", quote + 1);
}

static int read_backslash(struct splitter *s)
{
        int next = peek(s, 1);

        if (next < 0)
                return REFUSE(s, s->at, NULL, "the line ends in a backslash");
        if (next != '\n') {
                begin_word(s);
                s->name_so_far = false;
                buf_put_char(&s->text, (char)next);
        }
        s->at += 2;
        return 0;
}

/* Only one plain command can be given: whatever would make more of it is refused. */
static int refuse_operator(struct splitter *s)
{
        char c = s->line[s->at];
        const char *hint = "quote it when it is meant literally";

        if (c == '\n')
                return REFUSE(s, s->at, "one command a line", "a line break at position %zu: one command at a time",
                              s->at + 1);
        if (c == ';')
                hint = "give one command at a time, or quote it";
        else if (c == '>' || c == '<')
                hint = "nothing is redirected here; quote it when it is meant literally";
        return REFUSE(s, s->at, hint, "%c at position %zu is not understood here", c, s->at + 1);
}

static int read_plain(struct splitter *s)
{
        char c = s->line[s->at];

        if (c == '`')
                return refuse_backtick(s);
        if (c == '$' && expands(peek(s, 1), false))
                return refuse_dollar(s);
        if (c == '~' && !s->in_word)
                return REFUSE(s, s->at, "write the absolute path", "~ at position %zu: there is no home directory here",
                              s->at + 1);
        if (strchr(";|&<>()\n", c) != NULL)
                return refuse_operator(s);
        begin_word(s);
        if (strchr("*?[{", c) != NULL)
                s->word.glob = true;
        if (c == '=' && s->name_so_far && s->text.length > 0)
                s->word.assignment = true;
        if (!is_name_byte((unsigned char)c, s->text.length == 0))
                s->name_so_far = false;
        buf_put_char(&s->text, c);
        s->at++;
        return 0;
}

/* Blanks, a comment and line ends that no command follows or precedes. *ret_done when something was skipped. */
static int skip_space(struct splitter *s, bool *ret_done)
{
        int c = peek(s, 0);
        int r;

        *ret_done = true;
        if (c == '#' && !s->in_word) {
                const char *end = memchr(s->line + s->at, '\n', s->length - s->at);

                s->at = end == NULL ? s->length : (size_t)(end - s->line);
                return 0;
        }
        if (c == ' ' || c == '\t' || c == '\n') {
                size_t rest = s->at;

                r = push_word(s);
                if (r < 0)
                        return r;
                while (rest < s->length && strchr(" \t\n", s->line[rest]) != NULL && s->line[rest] != '\0')
                        rest++;
                /* A line end may stand before and behind the one command, not inside. */
                if (c == '\n' && s->words->count > 0 && rest < s->length && s->line[rest] != '#')
                        return refuse_operator(s);
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
        if (length > DECIDE_LINE_MOST) {
                ret_error->limit = true;
                return REFUSE(&s, DECIDE_LINE_MOST, NULL, "the line is longer than %d bytes", DECIDE_LINE_MOST);
        }
        if (nul != NULL)
                return REFUSE(&s, nul - line, NULL, "a NUL byte at position %zu", (size_t)(nul - line) + 1);
        while (r == 0 && s.at < s.length)
                r = step(&s);
        if (r == 0)
                r = push_word(&s);
        buf_free(&s.text);
        return r;
}
