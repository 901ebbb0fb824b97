#include "pam_diag/ctl/shape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define LETTERS LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

enum { CLUSTER_MOST = 4, NAME_MOST = 40 };

static const char *const kind_names[SHAPE_KINDS] = {
        [SHAPE_PATH] = "PATH", [SHAPE_INTEGER] = "NUMBER", [SHAPE_UNIT] = "UNIT",
        [SHAPE_WORD] = "WORD", [SHAPE_TEXT] = "TEXT",
};

void shape_clear(struct shape *shape)
{
        free(shape->command);
        for (size_t i = 0; i < shape->option_count; i++)
                free(shape->options[i].name);
        strv_free(shape->words);
        *shape = (struct shape){ 0 };
}

static bool consists_of(const char *text, const char *set)
{
        return *text != '\0' && strspn(text, set) == strlen(text);
}

static bool is_unit(const char *word)
{
        static const char *const suffixes[] = { ".service", ".socket", ".timer", ".target",
                                                ".mount",   ".path",   ".slice", ".scope" };
        size_t length = strlen(word);

        for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
                size_t n = strlen(suffixes[i]);

                if (length > n && strcmp(word + length - n, suffixes[i]) == 0)
                        return strspn(word, LETTERS DIGITS ":_.@\\-") == length;
        }
        return false;
}

static enum shape_kind kind_of(const char *word)
{
        if (word[0] == '/')
                return SHAPE_PATH;
        if (consists_of(word, DIGITS) && strlen(word) <= 9)
                return SHAPE_INTEGER;
        if (is_unit(word))
                return SHAPE_UNIT;
        return word[0] >= 'a' && word[0] <= 'z' && consists_of(word, LOWER "-") && strlen(word) <= NAME_MOST
                       ? SHAPE_WORD
                       : SHAPE_TEXT;
}

/* Keeps the options sorted; what is too much is left out: the line is in the record. */
static int add_option(struct shape *shape, const char *name, size_t length, bool valued, enum shape_kind kind)
{
        size_t at = 0;
        struct shape_option *option;
        char *copy;

        while (at < shape->option_count && strncmp(shape->options[at].name, name, length) < 0)
                at++;
        option = &shape->options[at];
        if (at < shape->option_count && strncmp(option->name, name, length) == 0 && option->name[length] == '\0') {
                if (valued && option->valued && option->kind != kind)
                        option->kind = SHAPE_TEXT;
                else if (valued)
                        option->kind = kind;
                option->valued = option->valued || valued;
                return 0;
        }
        if (shape->option_count == SHAPE_OPTIONS_MOST || length > NAME_MOST)
                return 0;
        copy = strndup(name, length);
        if (copy == NULL)
                return -ENOMEM;
        memmove(option + 1, option, (shape->option_count - at) * sizeof(*option));
        *option = (struct shape_option){ .name = copy, .valued = valued, .kind = kind };
        shape->option_count++;
        return 0;
}

static int add_letters(struct shape *shape, const char *letters)
{
        int r = 0;

        for (; r == 0 && *letters != '\0'; letters++)
                r = add_option(shape, (char[]){ '-', *letters }, 2, false, SHAPE_TEXT);
        return r;
}

static int add_word(struct shape *shape, const char *word)
{
        enum shape_kind kind = kind_of(word);

        shape->operands[kind]++;
        return kind == SHAPE_WORD && strv_length(shape->words) <= SHAPE_WORDS_MOST
                       ? strv_append_once(&shape->words, word)
                       : 0;
}

static int add_dashed(struct shape *shape, const char *word)
{
        const char *name = word + strspn(word, "-");
        size_t length = strspn(name, LETTERS DIGITS "-_");
        size_t dashes = (size_t)(name - word);

        if (dashes == 1 && consists_of(name, DIGITS)) {
                shape->number = true;
                return 0;
        }
        if (dashes > 2 || length == 0 || strchr(LETTERS, *name) == NULL)
                return add_word(shape, word);
        if (name[length] == '=' && (dashes == 2 || length == 1))
                return add_option(shape, word, dashes + length, true, kind_of(name + length + 1));
        if (dashes == 2)
                return name[length] == '\0' ? add_option(shape, word, dashes + length, false, SHAPE_TEXT)
                                            : add_word(shape, word);
        if (consists_of(name, LETTERS) && length <= CLUSTER_MOST)
                return add_letters(shape, name);
        if (name[length] == '\0' && strspn(name, LETTERS "-_") == length)
                return add_option(shape, word, dashes + length, false, SHAPE_TEXT); /* -maxdepth */
        return add_option(shape, word, 2, true, kind_of(name + 1)); /* -n50 */
}

static int take_words(char *const *words, struct shape *shape)
{
        const char *slash = strrchr(words[0], '/');
        bool ended = false;
        int r = 0;

        shape->command = strdup(words[0][0] == '/' ? slash + 1 : words[0]);
        if (shape->command == NULL)
                return -ENOMEM;
        for (size_t i = 1; r == 0 && words[i] != NULL; i++) {
                if (!ended && strcmp(words[i], "--") == 0)
                        ended = true;
                else if (!ended && words[i][0] == '-' && words[i][1] != '\0')
                        r = add_dashed(shape, words[i]);
                else
                        r = add_word(shape, words[i]);
        }
        return r;
}

int shape_take(char *const *words, struct shape *ret_shape)
{
        *ret_shape = (struct shape){ 0 };
        return words == NULL || words[0] == NULL ? 0 : take_words(words, ret_shape);
}

int shape_join(struct shape *shape, const struct shape *other)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < other->option_count; i++)
                r = add_option(shape, other->options[i].name, strlen(other->options[i].name), other->options[i].valued,
                               other->options[i].kind);
        for (size_t i = 0; i < SHAPE_KINDS; i++)
                if (other->operands[i] > shape->operands[i])
                        shape->operands[i] = other->operands[i];
        for (size_t i = 0; r == 0 && other->words != NULL && other->words[i] != NULL; i++)
                if (strv_length(shape->words) <= SHAPE_WORDS_MOST)
                        r = strv_append_once(&shape->words, other->words[i]);
        shape->number = shape->number || other->number;
        return r;
}

void shape_put(struct buf *buf, const struct shape *shape)
{
        buf_put_text(buf, shape->command != NULL ? shape->command : "");
        if (shape->number)
                buf_put_text(buf, " -NUMBER");
        for (size_t i = 0; i < shape->option_count; i++) {
                buf_printf(buf, " %s", shape->options[i].name);
                if (shape->options[i].valued)
                        buf_printf(buf, "=%s", kind_names[shape->options[i].kind]);
        }
        for (size_t i = 0; i < SHAPE_KINDS; i++)
                if (shape->operands[i] > 0)
                        buf_printf(buf, " %s%s", kind_names[i], shape->operands[i] > 1 ? "…" : "");
}
