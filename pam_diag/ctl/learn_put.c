#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/learn.h"
#include "pam_diag/ctl/show.h"
#include "pam_diag/policy/help.h"
#include "pam_diag/policy/lint.h"
#include "pam_diag/policy/patterns.h"

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-"

enum { INTEGER_MOST = 999999999 };

static void put_time(struct buf *buf, int64_t time_us)
{
        time_t seconds = (time_t)(time_us / 1000000);
        struct tm parts;
        char text[64];

        if (gmtime_r(&seconds, &parts) == NULL || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
                buf_printf(buf, "%" PRId64 "us", time_us);
        else
                buf_put_text(buf, text);
}

static void put_times(struct buf *buf, size_t count)
{
        if (count == 1)
                buf_put_text(buf, "once");
        else
                buf_printf(buf, "%zu times", count);
}

static void put_group(struct buf *buf, const struct learn_group *group)
{
        buf_put_text(buf, "#   ");
        put_times(buf, group->count);
        buf_put_text(buf, ", last ");
        put_time(buf, group->last_us);
        buf_put_text(buf, ": ");
        if (group->shape.command != NULL)
                show_put(buf, group->key, strlen(group->key));
        else
                show_put_text(buf, group->reason, strlen(group->reason));
        buf_put_char(buf, '\n');
        for (size_t i = 0; group->examples != NULL && group->examples[i] != NULL; i++)
                buf_printf(buf, "#     as %s\n", group->examples[i]);
        for (size_t i = 0; group->askers != NULL && group->askers[i] != NULL; i++)
                buf_printf(buf, "#     by %s\n", group->askers[i]);
        if (group->more_askers > 0)
                buf_printf(buf, "#     and %zu rows by others\n", group->more_askers);
}

/* --- a command without a rule ------------------------------------------------------------------------------------- */

static void put_type(struct buf *buf, enum shape_kind kind)
{
        switch (kind) {
        case SHAPE_PATH:
                buf_put_text(buf, "path read");
                break;
        case SHAPE_INTEGER:
                buf_printf(buf, "integer 0..%d", INTEGER_MOST);
                break;
        case SHAPE_UNIT:
                buf_put_text(buf, "unit");
                break;
        default:
                buf_put_text(buf, "text");
        }
}

static void put_options(struct buf *buf, const struct shape *shape)
{
        for (size_t i = 0; i < shape->option_count; i++) {
                const struct shape_option *option = &shape->options[i];

                buf_printf(buf, option->valued ? "#option = %s : " : "#flag = %s", option->name);
                if (option->valued)
                        put_type(buf, option->kind);
                buf_put_char(buf, '\n');
        }
        if (shape->number)
                buf_put_text(buf, "# It was given a number as an option (-50): see `number` in pam_diag.conf(5).\n");
}

/* A type that admits any text would admit every path with it, unjudged: it is never proposed beside paths. */
static void put_operands(struct buf *buf, const struct shape *shape)
{
        bool words = shape->operands[SHAPE_WORD] > 0 && strv_length(shape->words) <= SHAPE_WORDS_MOST;
        bool text = shape->operands[SHAPE_TEXT] > 0 || (shape->operands[SHAPE_WORD] > 0 && !words);
        bool narrow = shape->operands[SHAPE_PATH] > 0;
        const char *between = "";
        size_t most = 0;

        for (size_t i = 0; i < SHAPE_KINDS; i++)
                most += shape->operands[i];
        if (most == 0)
                return;
        if (text && narrow)
                buf_put_text(buf,
                             "# Other operands were given too, as above. `text` would let any path through unjudged: "
                             "find a narrower type.\n");
        buf_printf(buf, "#operand = 0..%zu : ", most);
        for (enum shape_kind kind = SHAPE_PATH; kind <= SHAPE_UNIT && (narrow || !text); kind++)
                if (shape->operands[kind] > 0) {
                        buf_put_text(buf, between);
                        put_type(buf, kind);
                        between = " | ";
                }
        if (words && (narrow || !text)) {
                buf_printf(buf, "%sone-of", between);
                for (size_t i = 0; shape->words[i] != NULL; i++)
                        buf_printf(buf, " %s", shape->words[i]);
        }
        buf_put_text(buf, text && !narrow ? "text\n" : "\n");
}

static void propose_command(struct buf *buf, const char *name, const struct shape *shape)
{
        const char *danger = lint_danger(name);
        const char *instead = help_instead(name);
        size_t length = strlen(name);

        buf_put_text(buf, "#\n");
        if (danger != NULL) {
                buf_printf(buf, "# No rule is proposed: %s %s.\n", name, danger);
        } else if (length == 0 || length > 64 || strspn(name, NAME_BYTES) != length || strchr(".-", name[0]) != NULL ||
                   strcmp(name, "help") == 0) {
                buf_put_text(buf, "# No rule is proposed: that is not the name of a command.\n");
        } else {
                buf_put_text(buf, "# Read its manual first: what else can it read, write, start or connect to? Which "
                                  "of these options takes the "
                                  "next word?\n");
                buf_printf(buf, "#[command %s]\n#summary = ?\n#source = %s(1), version ?\n", name, name);
                put_options(buf, shape);
                put_operands(buf, shape);
        }
        if (instead != NULL)
                buf_printf(buf, "# Those who asked were told: %s\n", instead);
}

/* --- rules that are there ----------------------------------------------------------------------------------------- */

static void propose_option(struct buf *buf, const struct learn_group *group)
{
        buf_printf(buf, "#   in [command %s], if it only looks:\n", group->subject);
        buf_printf(buf, group->option.valued ? "#option = %s : " : "#flag = %s", group->option.name);
        if (group->option.valued)
                put_type(buf, group->option.kind);
        buf_put_char(buf, '\n');
}

static void propose_path(struct buf *buf, const struct learn *learn, const struct learn_group *group)
{
        cleanup_free char *path = NULL;

        if (group->path == NULL || group->path[0] != '/' ||
            strspn(group->path, NAME_BYTES "/@:,=") != strlen(group->path) || path_normalise(group->path, &path) < 0)
                return;
        if (patterns_cover(policy_deny(learn->policy), path))
                buf_put_text(buf, "#   no rule is proposed: the policy denies that path\n");
        else if (!patterns_cover(policy_allow(learn->policy), path))
                buf_printf(buf, "#   in [paths], if it holds no secret now nor later:\n#allow = %s\n", path);
}

static void propose(struct buf *buf, const struct learn *learn, const struct learn_group *group)
{
        if (group->code == CODE_OPTION && group->option.name != NULL)
                propose_option(buf, group);
        else if (group->code == CODE_PATH)
                propose_path(buf, learn, group);
        else if (group->code == CODE_REFUSED)
                buf_put_text(buf, "#   no rule is proposed: the profile refuses it by intent\n");
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static int by_subject(const void *one, const void *other)
{
        const struct learn_group *a = one;
        const struct learn_group *b = other;
        bool known_a = a->shape.command == NULL;
        bool known_b = b->shape.command == NULL;
        int order = strcmp(a->subject, b->subject);

        if (known_a != known_b)
                return known_a ? 1 : -1; /* what has no rule comes first */
        if (order != 0)
                return order;
        return a->count != b->count ? (a->count > b->count ? -1 : 1) : strcmp(a->key, b->key);
}

static void put_heading(struct buf *buf, const struct learn_group *group)
{
        buf_put_text(buf, "\n# --- ");
        if (group->subject[0] == '\0')
                buf_put_text(buf, "the line itself");
        else
                show_put(buf, group->subject, strlen(group->subject));
        buf_put_text(buf, group->shape.command != NULL ? ": no rule\n" : "\n");
}

/* The groups from `first` on that are about the same command, and what is proposed for all of them; the index behind them. */
static size_t put_subject(struct buf *buf, const struct learn *learn, size_t first)
{
        const struct learn_group *head = &learn->groups[first];
        bool unknown = head->shape.command != NULL;
        cleanup_shape struct shape all = { 0 };
        size_t i = first;

        put_heading(buf, head);
        for (; i < learn->count && strcmp(learn->groups[i].subject, head->subject) == 0 &&
               (learn->groups[i].shape.command != NULL) == unknown;
             i++) {
                put_group(buf, &learn->groups[i]);
                if (!unknown)
                        propose(buf, learn, &learn->groups[i]);
                else if (shape_join(&all, &learn->groups[i].shape) < 0)
                        buf->error = buf->error != 0 ? buf->error : -ENOMEM;
        }
        if (unknown)
                propose_command(buf, head->subject, &all);
        return i;
}

void learn_put(struct buf *buf, struct learn *learn)
{
        buf_printf(buf, "# %zu denied command lines, of which the present policy allows %zu by now.\n", learn->rows,
                   learn->allowed);
        buf_put_text(buf,
                     "#\n# Whoever may log in chooses what stands in these rows: a command that is asked for often "
                     "looks like one that is "
                     "needed.\n# Nothing has been changed, and every line below is a comment. Read before you copy.\n");
        if (learn->count > 1)
                qsort(learn->groups, learn->count, sizeof(*learn->groups), by_subject);
        for (size_t i = 0; i < learn->count;)
                i = put_subject(buf, learn, i);
        if (learn->left_out > 0)
                buf_printf(buf, "\n# %zu rows more were left out: there are more than %d different kinds.\n",
                           learn->left_out, LEARN_GROUPS_MOST);
}
