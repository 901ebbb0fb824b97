#include <string.h>

#include "pam_diag/policy/splitter.h"

/* What is no operator here. */
int splitter_refuse(struct splitter *s)
{
        char c = s->line[s->at];

        if (c == '\n')
                return REFUSE(s, s->at, "one command line at a time; join commands with ; or &&",
                              "a line break at position %zu", s->at + 1);
        if (c == '&')
                return REFUSE(s, s->at, "leave it out; quote it when it is meant literally",
                              "& at position %zu: nothing runs in the background here", s->at + 1);
        if (c == '<')
                return REFUSE(s, s->at, "name the file as an operand; quote it when it is meant literally",
                              "< at position %zu: no input is redirected here", s->at + 1);
        return REFUSE(s, s->at, "quote it when it is meant literally", "%c at position %zu is not understood here", c,
                      s->at + 1);
}

static bool ends_word(int c)
{
        return c < 0 || strchr(" \t\n;|&<>()", c) != NULL;
}

static bool take(struct splitter *s, const char *text)
{
        size_t n = strlen(text);

        if (s->length - s->at < n || memcmp(s->line + s->at, text, n) != 0)
                return false;
        s->at += n;
        return true;
}

static int refuse_redirection(struct splitter *s)
{
        return REFUSE(s, s->at, "2>&1, 2>/dev/null and >/dev/null are understood; quote > when it is meant literally",
                      "> at position %zu: output goes to you, nowhere else", s->at + 1);
}

/* From the `>` on: /dev/null for stdout (1), stderr (2) or both (3), or 2>&1. */
static int read_redirection(struct splitter *s, size_t from, unsigned streams)
{
        size_t mark = s->at;
        int r = 0;

        s->at++;
        if (streams == 2 && take(s, "&1") && ends_word(splitter_peek(s, 0)))
                return splitter_push_operator(s, OPERATOR_ERR_OUT, from);
        s->at = mark + 1;
        (void)take(s, ">");
        while (splitter_peek(s, 0) == ' ' || splitter_peek(s, 0) == '\t')
                s->at++;
        if (!take(s, "/dev/null") || !ends_word(splitter_peek(s, 0))) {
                s->at = mark;
                return refuse_redirection(s);
        }
        if ((streams & 1) != 0)
                r = splitter_push_operator(s, OPERATOR_OUT_NULL, from);
        if (r == 0 && (streams & 2) != 0)
                r = splitter_push_operator(s, OPERATOR_ERR_NULL, from);
        return r;
}

/* Digits right before `>` are the stream's number, not a word. */
static int begin_redirection(struct splitter *s)
{
        bool number = s->in_word && s->bare && s->text.length > 0 &&
                      strspn(s->text.data, "0123456789") == s->text.length;
        unsigned streams = 1;
        size_t from = s->at;

        if (!number) {
                int r = splitter_push_word(s);

                return r < 0 ? r : read_redirection(s, from, streams);
        }
        if (strcmp(s->text.data, "1") != 0 && strcmp(s->text.data, "2") != 0)
                return refuse_redirection(s);
        streams = s->text.data[0] == '2' ? 2 : 1;
        from -= s->text.length;
        buf_clear(&s->text);
        buf_clear(&s->pattern);
        s->in_word = false;
        return read_redirection(s, from, streams);
}

int splitter_operator(struct splitter *s)
{
        static const struct {
                const char *text;
                enum line_operator op;
        } operators[] = {
                { "&&", OPERATOR_AND },
                { "||", OPERATOR_OR },
                { "|", OPERATOR_PIPE },
                { ";", OPERATOR_THEN },
        };
        size_t from = s->at;
        int r;

        if (s->line[from] == '>')
                return begin_redirection(s);
        r = splitter_push_word(s);
        if (r < 0)
                return r;
        if (s->line[from] == '&' && splitter_peek(s, 1) == '>') {
                s->at++;
                return read_redirection(s, from, 3);
        }
        if (take(s, "|&")) {
                r = splitter_push_operator(s, OPERATOR_ERR_OUT, from);
                return r < 0 ? r : splitter_push_operator(s, OPERATOR_PIPE, from);
        }
        for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
                if (take(s, operators[i].text))
                        return splitter_push_operator(s, operators[i].op, from);
        return splitter_refuse(s);
}
