#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/learn.h"
#include "pam_diag/policy/lint.h"

enum { KEY_MOST = 16384, NAME_MOST = 64 };

static int copy_text(const char *text, char **ret_copy)
{
        *ret_copy = text == NULL ? NULL : strdup(text);
        return text != NULL && *ret_copy == NULL ? -ENOMEM : 0;
}

/* The reason without its numbers: the same fault in another place is the same fault. */
static void put_masked(struct buf *buf, const char *reason)
{
        for (const char *at = reason; at != NULL && *at != '\0';) {
                size_t digits = strspn(at, "0123456789");

                if (digits > 0)
                        buf_put_char(buf, '0');
                else
                        buf_put_char(buf, *at);
                at += digits > 0 ? digits : 1;
        }
}

/* Each word in single quotes: the line of this stage alone. */
static void put_stage(struct buf *line, char *const *words)
{
        for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
                buf_put_text(line, i > 0 ? " '" : "'");
                for (const char *at = words[i]; *at != '\0'; at++) {
                        if (*at == '\'')
                                buf_put_text(line, "'\\'");
                        buf_put_char(line, *at);
                }
                buf_put_char(line, '\'');
        }
}

/* The denied stage, judged by itself: then its words are numbered from 1. NULL when each alone is allowed. */
static int find_stage(const struct learn *learn, const struct decision *whole, struct decision **ret_decision)
{
        for (size_t i = 0; i < whole->stage_count; i++) {
                cleanup_buf struct buf line = BUF_INIT((size_t)8 * DECIDE_LINE_MOST);
                cleanup_decision struct decision *decision = NULL;
                int r;

                put_stage(&line, whole->stages[i].words);
                if (line.error != 0)
                        return line.error;
                if (line.length == 0)
                        continue;
                r = policy_decide(learn->policy, NULL, line.data, line.length, learn->resolver, &decision);
                if (r < 0)
                        return r;
                if (decision->verdict == VERDICT_DENY && decision->code != CODE_LIMIT) {
                        *ret_decision = take_ptr(&decision);
                        return 0;
                }
        }
        return 0;
}

/* Of one stage alone: in a pipeline the words are numbered through the whole line. */
static const char *offending_word(const struct decision *decision)
{
        if (decision->stage_count != 1 || decision->word == 0 ||
            decision->word > strv_length(decision->stages[0].words))
                return NULL;
        return decision->stages[0].words[decision->word - 1];
}

/* A reason about an option begins with its name, which in a cluster (-xyz) is not the word. */
static int take_option(const struct learn *learn, const struct decision *decision, struct learn_group *group)
{
        char name[NAME_MOST] = "";
        size_t n = decision->reason == NULL ? 0 : strcspn(decision->reason, " :=");
        const char *word = offending_word(decision);
        cleanup_shape struct shape shape = { 0 };
        char *words[3] = { group->subject, NULL, NULL };
        int r;

        if (word == NULL || n < 2 || n >= sizeof(name) || decision->reason[0] != '-')
                return 0;
        memcpy(name, decision->reason, n);
        if (lint_has_option(learn->policy, group->subject, name))
                return 0; /* it is known, and was used in a wrong way */
        words[1] = strdup(word);
        if (words[1] == NULL)
                return -ENOMEM;
        r = shape_take(words, &shape);
        free(words[1]);
        for (size_t i = 0; r == 0 && i < shape.option_count; i++)
                if (strcmp(shape.options[i].name, name) == 0) {
                        group->option = shape.options[i];
                        group->option.name = NULL;
                        r = copy_text(name, &group->option.name);
                }
        return r;
}

static int take_detail(const struct learn *learn, const struct decision *decision, struct learn_group *group)
{
        if (group->code == CODE_COMMAND && decision->stage_count > 0 && decision->rule == NULL)
                return shape_take(decision->stages[0].words, &group->shape);
        if (group->code == CODE_OPTION)
                return take_option(learn, decision, group);
        return group->code == CODE_PATH ? copy_text(offending_word(decision), &group->path) : 0;
}

static int take_key(struct learn_group *group)
{
        cleanup_buf struct buf key = BUF_INIT(KEY_MOST);

        if (group->shape.command != NULL)
                shape_put(&key, &group->shape);
        else if (group->option.name != NULL)
                buf_printf(&key, "%s%s", group->option.name, group->option.valued ? "=" : "");
        else
                put_masked(&key, group->reason);
        /* A name of that length is nobody's; the group is still one. */
        return key.error == -ENOMEM ? -ENOMEM : copy_text(key.data != NULL ? key.data : "", &group->key);
}

static int fill(const struct learn *learn, const struct decision *decision, struct learn_group *group)
{
        const char *subject = decision->rule;
        int r;

        group->code = decision->code;
        group->count = 1;
        r = copy_text(decision->reason != NULL ? decision->reason : "", &group->reason);
        if (r == 0 && subject == NULL)
                r = take_detail(learn, decision, group);
        if (r == 0)
                r = copy_text(subject != NULL                ? subject
                              : group->shape.command != NULL ? group->shape.command
                                                             : "",
                              &group->subject);
        if (r == 0 && subject != NULL)
                r = take_detail(learn, decision, group);
        return r == 0 ? take_key(group) : r;
}

static bool is_about_the_line(enum decide_code code)
{
        return code == CODE_SYNTAX || code == CODE_LIMIT || code == CODE_PIPELINE || code == CODE_KEY;
}

int learn_judge(const struct learn *learn, const char *line, size_t length, struct learn_group *ret_group)
{
        cleanup_decision struct decision *whole = NULL;
        cleanup_decision struct decision *stage = NULL;
        int r = policy_decide(learn->policy, NULL, line, length, learn->resolver, &whole);

        *ret_group = (struct learn_group){ 0 };
        if (r < 0 || whole->verdict != VERDICT_DENY)
                return r;
        if (!is_about_the_line(whole->code))
                r = find_stage(learn, whole, &stage);
        return r < 0 ? r : fill(learn, stage != NULL ? stage : whole, ret_group);
}
