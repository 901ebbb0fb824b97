/* The types on any value: the first byte chooses the type. What fits is inside of what the type promises: no control that could end a
 * line where it promises none, no dash at the beginning where a value stands by itself, nothing that another reader takes apart. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { VALUE_MOST = 4096 };

static const struct {
        const char *text;
        const char *never; /* bytes that no value of the type holds */
        bool dash; /* may it begin with a dash? */
} kinds[] = {
        { "integer -5..100", " \t\n;/,", true },
        { "one-of a b -c", " \t\n;/", true },
        { "list a b cc", " \t\n;/", false },
        { "columns pid comm %cpu", "", true },
        { "match [a-z]+(,[a-z]+)*", " \t\n;/-", false },
        { "path read", "", false },
        { "unit", " \t\n;/*?[", false },
        { "unit-glob", " \t\n;/", false },
        { "duration", "\t\n;/,", false },
        { "time", "\t\n;$`\"'\\", true },
        { "user", " \t\n;/,:", false },
        { "users", " \t\n;/:", false },
        { "group", " \t\n;/,:", false },
        { "pid", " \t\n;/,-", false },
        { "pids", " \t\n;/-", false },
        { "size", " \t\n;/,-.", false },
        { "host", " \t\n;/,@[]$`(", false },
        { "address", " \t\n;/,@[]", false },
        { "prefix", " \t\n;,@[]%", false },
        { "port", " \t\n;/,:@", false },
        { "interface", " \t\n;/,@%", false },
        { "inet", " \t\n;/%", false },
        { "endpoint", " \t\n;,@()|&<>=!", false },
        { "container", " \t\n;/,:@", false },
        { "template .A .B.C json", "", true },
};

static void expect(int truth)
{
        if (!truth)
                abort();
}

/* Each action holds listed words alone. */
static void check_template(const char *value)
{
        expect(strstr(value, "{{") != NULL);
        for (const char *open = strstr(value, "{{"); open != NULL; open = strstr(open + 2, "{{")) {
                size_t n = strspn(open + 2, " \t|.ABCjson");

                expect(strncmp(open + 2 + n, "}}", 2) == 0);
        }
}

static void check_type(size_t kind, const char *value)
{
        cleanup_buf struct buf wrong = BUF_INIT((size_t)64 * 1024);
        cleanup_type struct type *type = NULL;
        int r;

        expect(type_parse(kinds[kind].text, NULL, &type, &wrong) == 0);
        expect(strcmp(type->text, kinds[kind].text) == 0);
        r = type_check_one(type, value, &wrong);
        expect(r == 0 || wrong.length > 0 || wrong.error != 0);
        if (r < 0)
                return;
        expect(wrong.length == 0);
        expect(type_has_shape(type, value));
        expect(strpbrk(value, kinds[kind].never) == NULL);
        expect(kinds[kind].dash || value[0] != '-');
        if (strncmp(kinds[kind].text, "template", 8) == 0)
                check_template(value);
}

/* A type's own text, from a policy. */
static void check_parse(const char *text)
{
        char name[] = "n";
        char alias[] = "one-of a | integer 0..1";
        struct type_name list[] = { { name, alias } };
        const struct type_names names = { .list = list, .count = 1 };
        cleanup_buf struct buf wrong = BUF_INIT((size_t)64 * 1024);
        cleanup_type struct type *type = NULL;

        size_t repetitions = 0;

        /* regcomp(3) of glibc takes memory by the product of repetitions: a policy is root's and is not what is tried here. */
        for (const char *c = text; *c != '\0'; c++)
                repetitions += strchr("*+{", *c) != NULL ? 1 : 0;
        if (repetitions > 6 || strchr(text, '{') != NULL)
                return;
        if (type_parse(text, &names, &type, &wrong) == 0)
                (void)type_has_shape(type, "a");
        else
                expect(wrong.length > 0 || wrong.error != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char value[VALUE_MOST + 1];

        if (size == 0 || size > VALUE_MOST || memchr(data, '\0', size) != NULL)
                return 0;
        memcpy(value, data + 1, size - 1);
        value[size - 1] = '\0';
        if (data[0] == 'P')
                check_parse(value);
        else
                check_type(data[0] % (sizeof(kinds) / sizeof(kinds[0])), value);
        return 0;
}
