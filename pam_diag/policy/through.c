#include "pam_diag/policy/through.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"

static int add_word(struct words *words, const char *text)
{
        struct word *larger = reallocarray(words->list, words->count + 1, sizeof(*larger));

        if (larger == NULL)
                return -ENOMEM;
        words->list = larger;
        words->room = words->count + 1;
        larger[words->count] = (struct word){ .text = strdup(text), .position = 1 };
        return larger[words->count++].text == NULL ? -ENOMEM : 0;
}

/* A pattern has been expanded by now: what it stands for are plain paths. */
static int add_file(struct words *words, const struct given *operand)
{
        char *const *paths = operand->paths;
        int r = 0;

        if (paths == NULL)
                return add_word(words, operand->value);
        for (; r == 0 && *paths != NULL; paths++)
                r = add_word(words, *paths);
        return r;
}

int through_take(struct match *match, struct words *ret_words)
{
        cleanup_words struct words words = { 0 };
        int r = 0;

        for (size_t i = 0; r == 0 && match->command->through[i] != NULL; i++)
                r = add_word(&words, match->command->through[i]);
        /* No file begins with a dash but "-" itself, whose rule says what it is: paths are absolute. */
        for (size_t i = match->files_at; r == 0 && i < match->operand_count; i++)
                r = add_file(&words, &match->operands[i]);
        if (r < 0)
                return r;
        for (size_t i = match->files_at; i < match->operand_count; i++) {
                strv_free(match->operands[i].paths);
                match->operands[i].paths = NULL;
        }
        match->operand_count = match->files_at;
        *ret_words = words;
        words = (struct words){ 0 };
        return 0;
}

int through_insert(struct decision *decision, size_t at, struct stage *made)
{
        struct stage *stages;

        if (decision->stage_count >= DECIDE_STAGES_MOST)
                return -E2BIG;
        stages = reallocarray(decision->stages, decision->stage_count + 1, sizeof(*stages));
        if (stages == NULL)
                return -ENOMEM;
        decision->stages = stages;
        memmove(stages + at + 1, stages + at, (decision->stage_count - at) * sizeof(*stages));
        decision->stage_count++;
        made->made = true;
        made->link = stages[at + 1].link;
        /* Whoever does not want to see complaints means those of both. */
        made->redirect = stages[at + 1].redirect & (unsigned)REDIRECT_ERR_NULL;
        stages[at + 1].link = LINK_PIPE;
        stages[at] = *made;
        *made = (struct stage){ 0 };
        return 0;
}
