#include "pam_diag/policy/regex.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"

struct regex {
        char *text;
        regex_t compiled;
        bool is_compiled;
};

/* --- checking ----------------------------------------------------------------------------------------------------- */

struct scan {
        const char *text;
        const char *at;
        const char *wrong;
        unsigned depth;
};

static bool fail(struct scan *scan, const char *wrong)
{
        scan->wrong = wrong;
        return false;
}

static bool skip_class(struct scan *scan)
{
        static const char *const classes[] = { "[:alnum:]", "[:alpha:]", "[:blank:]", "[:cntrl:]",
                                               "[:digit:]", "[:graph:]", "[:lower:]", "[:print:]",
                                               "[:punct:]", "[:space:]", "[:upper:]", "[:xdigit:]" };

        for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
                if (strncmp(scan->at, classes[i], strlen(classes[i])) == 0) {
                        scan->at += strlen(classes[i]);
                        return true;
                }
        return fail(scan, "unknown class of characters");
}

/* One character, or a range of them, inside of [ ]. */
static bool skip_range(struct scan *scan)
{
        unsigned char low = (unsigned char)*scan->at++;

        if (scan->at[0] != '-' || scan->at[1] == ']' || scan->at[1] == '\0')
                return true;
        if (scan->at[1] == '[' || (unsigned char)scan->at[1] < low)
                return fail(scan, "a range of characters that is none");
        scan->at += 2;
        return true;
}

static bool skip_bracket(struct scan *scan)
{
        scan->at++;
        if (*scan->at == '^')
                scan->at++;
        for (bool first = true; first || *scan->at != ']'; first = false) {
                if (*scan->at == '\0')
                        return fail(scan, "[ without its ]");
                if (*scan->at == '[' && strchr(":.=", scan->at[1]) != NULL && scan->at[1] != '\0') {
                        if (!skip_class(scan))
                                return false;
                } else if (!skip_range(scan)) {
                        return false;
                }
        }
        scan->at++;
        return true;
}

static bool skip_alternatives(struct scan *scan, size_t *cost);

static bool skip_group(struct scan *scan, size_t *cost)
{
        if (++scan->depth > REGEX_DEPTH_MOST)
                return fail(scan, "too many groups in each other");
        scan->at++;
        if (!skip_alternatives(scan, cost))
                return false;
        if (*scan->at != ')')
                return fail(scan, "( without its )");
        scan->at++;
        scan->depth--;
        return true;
}

static bool skip_atom(struct scan *scan, size_t *cost)
{
        *cost = 1;
        switch (*scan->at) {
        case '(':
                return skip_group(scan, cost);
        case '[':
                return skip_bracket(scan);
        case '\\':
                if (!ispunct((unsigned char)scan->at[1]))
                        return fail(scan, "only signs stand behind a backslash");
                scan->at += 2;
                return true;
        case '*':
        case '+':
        case '?':
        case '{':
                return fail(scan, "a repetition of nothing, or of a repetition");
        case '^':
        case '$':
                return fail(scan, "the whole value is matched: no ^ and $");
        default:
                scan->at++;
                return true;
        }
}

static bool read_number(struct scan *scan, unsigned *ret_number)
{
        unsigned number = 0;

        if (!isdigit((unsigned char)*scan->at))
                return fail(scan, "{ needs a number");
        while (isdigit((unsigned char)*scan->at) && number <= REGEX_REPEAT_MOST)
                number = number * 10 + (unsigned)(*scan->at++ - '0');
        if (number > REGEX_REPEAT_MOST)
                return fail(scan, "more than 4096 repetitions");
        *ret_number = number;
        return true;
}

/* {2} {2,} {2,5} */
static bool skip_interval(struct scan *scan, size_t *cost)
{
        unsigned low, high;

        scan->at++;
        if (!read_number(scan, &low))
                return false;
        high = low;
        if (*scan->at == ',') {
                scan->at++;
                if (*scan->at != '}' && !read_number(scan, &high))
                        return false;
        }
        if (*scan->at != '}' || high < low)
                return fail(scan, "{ } holds no interval");
        scan->at++;
        *cost *= high > 0 ? high : 1;
        return true;
}

static bool skip_piece(struct scan *scan, size_t *cost)
{
        if (!skip_atom(scan, cost))
                return false;
        if (*scan->at != '\0' && strchr("*+?", *scan->at) != NULL)
                scan->at++;
        else if (*scan->at == '{')
                return skip_interval(scan, cost);
        return true;
}

static bool skip_alternatives(struct scan *scan, size_t *cost)
{
        size_t sum = 0;

        for (;;) {
                size_t piece = 0;

                if (*scan->at == '\0' || *scan->at == '|' || *scan->at == ')')
                        return fail(scan, "an empty expression");
                while (*scan->at != '\0' && *scan->at != '|' && *scan->at != ')') {
                        if (!skip_piece(scan, &piece))
                                return false;
                        sum += piece;
                        if (sum > REGEX_COST_MOST)
                                return fail(scan, "too many repetitions of repetitions");
                }
                if (*scan->at != '|')
                        break;
                scan->at++;
        }
        *cost = sum;
        return true;
}

static int check(const char *text, struct buf *wrong)
{
        struct scan scan = { .text = text, .at = text };
        size_t cost = 0;

        if (skip_alternatives(&scan, &cost) && *scan.at != '\0')
                (void)fail(&scan, ") without its (");
        if (scan.wrong == NULL)
                return 0;
        buf_printf(wrong, "the regular expression is wrong at its character %zu: %s", (size_t)(scan.at - text) + 1,
                   scan.wrong);
        return -EINVAL;
}

/* ------------------------------------------------------------------------------------------------------------------ */

int regex_new(const char *text, struct regex **ret_regex, struct buf *wrong)
{
        struct regex *regex;
        int r = check(text, wrong);

        if (r < 0)
                return r;
        regex = calloc(1, sizeof(*regex));
        if (regex == NULL)
                return -ENOMEM;
        regex->text = strdup(text);
        if (regex->text == NULL) {
                regex_free(regex);
                return -ENOMEM;
        }
        *ret_regex = regex;
        return 0;
}

void regex_free(struct regex *regex)
{
        if (regex == NULL)
                return;
        if (regex->is_compiled)
                regfree(&regex->compiled);
        free(regex->text);
        free(regex);
}

static bool compile(struct regex *regex)
{
        cleanup_free char *whole = NULL;

        if (asprintf(&whole, "^(%s)$", regex->text) < 0) {
                whole = NULL;
                return false;
        }
        regex->is_compiled = regcomp(&regex->compiled, whole, REG_EXTENDED | REG_NOSUB) == 0;
        return regex->is_compiled;
}

bool regex_matches(struct regex *regex, const char *value)
{
        return (regex->is_compiled || compile(regex)) && regexec(&regex->compiled, value, 0, NULL, 0) == 0;
}
