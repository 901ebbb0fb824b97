#include "pam_diag/ctl/testfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"

enum { FIELD_VERDICT, FIELD_COMMAND, FIELD_RULE, FIELDS_MOST };

/* One line, cut at its tabs. */
struct fields {
        const char *name; /* of the file */
        unsigned line;
        const char *begin;
        const char *at[FIELDS_MOST + 1];
        size_t length[FIELDS_MOST + 1];
        size_t count;
        struct policy_errors *errors;
};

#define WRONG(fields, where, ...)                                                                                 \
        policy_error((fields)->errors, (fields)->name, (fields)->line, (unsigned)((where) - (fields)->begin) + 1, \
                     __VA_ARGS__)

void testfile_free(struct testfile *file)
{
        for (size_t i = 0; i < file->count; i++) {
                free(file->cases[i].command);
                free(file->cases[i].rule);
        }
        free(file->cases);
        *file = (struct testfile){ 0 };
}

static bool is_text(const char *bytes, size_t length, const char *text)
{
        return strlen(text) == length && memcmp(bytes, text, length) == 0;
}

static void split(struct fields *fields, const char *line, size_t length)
{
        fields->begin = line;
        fields->count = 0;
        for (;;) {
                const char *tab = memchr(line, '\t', length);
                size_t n = tab != NULL ? (size_t)(tab - line) : length;

                fields->at[fields->count] = line;
                fields->length[fields->count++] = n;
                if (tab == NULL || fields->count > FIELDS_MOST)
                        return;
                line += n + 1;
                length -= n + 1;
        }
}

static int hex_digit(char c)
{
        static const char digits[] = "0123456789abcdef";
        const char *at = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

        return at == NULL ? -1 : (int)(at - digits);
}

/* The byte that the escape at `at` stands for, and how long it is; 0 when it is none. */
static size_t escape(const char *at, size_t length, char *ret_byte)
{
        static const char letters[] = "tn\\";
        static const char bytes[] = "\t\n\\";
        int high, low;
        const char *letter = length < 2 || at[1] == '\0' ? NULL : strchr(letters, at[1]);

        if (letter != NULL) {
                *ret_byte = bytes[letter - letters];
                return 2;
        }
        if (length < 4 || at[1] != 'x')
                return 0;
        high = hex_digit(at[2]);
        low = hex_digit(at[3]);
        if (high < 0 || low < 0)
                return 0;
        *ret_byte = (char)(high * 16 + low);
        return 4;
}

static int take_command(struct fields *fields, struct testcase *test)
{
        const char *from = fields->at[FIELD_COMMAND];
        size_t length = fields->length[FIELD_COMMAND];

        test->command = malloc(length + 1);
        if (test->command == NULL)
                return -ENOMEM;
        for (size_t i = 0; i < length;) {
                char byte = from[i];
                size_t n = byte == '\\' ? escape(from + i, length - i, &byte) : 1;

                if (n == 0) {
                        WRONG(fields, from + i, "unknown escape; known: \\t \\n \\\\ \\xNN");
                        n = 1;
                }
                test->command[test->length++] = byte;
                i += n;
        }
        test->command[test->length] = '\0';
        return 0;
}

static bool take_code(const char *name, size_t length, enum decide_code *ret_code)
{
        for (int code = CODE_NONE + 1; code <= CODE_KEY; code++)
                if (is_text(name, length, decide_code_name((enum decide_code)code))) {
                        *ret_code = (enum decide_code)code;
                        return true;
                }
        return false;
}

static void take_verdict(struct fields *fields, struct testcase *test)
{
        const char *text = fields->at[FIELD_VERDICT];
        size_t length = fields->length[FIELD_VERDICT];

        if (is_text(text, length, "allow"))
                test->allow = true;
        else if (length > 5 && memcmp(text, "deny:", 5) == 0 && !take_code(text + 5, length - 5, &test->code))
                WRONG(fields, text + 5,
                      "unknown code; known: syntax command refused option value operand path pipeline limit key");
        else if (test->code == CODE_NONE && !is_text(text, length, "deny"))
                WRONG(fields, text, "expected allow, deny or deny:CODE");
}

static int take_rule(struct fields *fields, struct testcase *test)
{
        if (fields->count > FIELDS_MOST)
                WRONG(fields, fields->at[FIELDS_MOST], "nothing follows the rule; a tab in a command is \\t");
        if (fields->count <= FIELD_RULE)
                return 0;
        if (fields->length[FIELD_RULE] == 0)
                WRONG(fields, fields->at[FIELD_RULE], "expected a rule behind the tab");
        test->rule = strndup(fields->at[FIELD_RULE], fields->length[FIELD_RULE]);
        return test->rule == NULL ? -ENOMEM : 0;
}

static int take_line(struct fields *fields, struct testcase *test)
{
        int r;

        take_verdict(fields, test);
        if (fields->count <= FIELD_COMMAND) {
                WRONG(fields, fields->at[0] + fields->length[0], "expected a tab and a command");
                return 0;
        }
        r = take_command(fields, test);
        return r < 0 ? r : take_rule(fields, test);
}

static int add_case(struct testfile *file, struct testcase **ret_test)
{
        if (file->count == file->room) {
                size_t room = file->room == 0 ? 64 : 2 * file->room;
                struct testcase *larger = reallocarray(file->cases, room, sizeof(*larger));

                if (larger == NULL)
                        return -ENOMEM;
                file->cases = larger;
                file->room = room;
        }
        *ret_test = &file->cases[file->count++];
        **ret_test = (struct testcase){ 0 };
        return 0;
}

int testfile_parse(const char *name, const char *data, size_t length, struct testfile *file,
                   struct policy_errors *errors)
{
        struct fields fields = { .name = name, .errors = errors };

        while (length > 0) {
                const char *end = memchr(data, '\n', length);
                size_t n = end != NULL ? (size_t)(end - data) : length;
                struct testcase *test = NULL;
                int r;

                fields.line++;
                if (n > 0 && data[0] != '#') {
                        split(&fields, data, n);
                        r = add_case(file, &test);
                        if (r == 0) {
                                test->line = fields.line;
                                r = take_line(&fields, test);
                        }
                        if (r < 0)
                                return r;
                }
                data += n;
                length -= n;
                if (end != NULL) {
                        data++;
                        length--;
                }
        }
        return 0;
}
