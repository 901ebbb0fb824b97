#include "pam_diag/policy/line.h"

#include <errno.h>

void line_free(struct line *line)
{
        words_free(&line->words);
        line->count = 0;
}

static enum stage_link link_of(enum line_operator op)
{
        switch (op) {
        case OPERATOR_PIPE:
                return LINK_PIPE;
        case OPERATOR_AND:
                return LINK_AND;
        case OPERATOR_OR:
                return LINK_OR;
        default:
                return LINK_THEN;
        }
}

static bool is_redirection(const struct word *word)
{
        return word->op == OPERATOR_OUT_NULL || word->op == OPERATOR_ERR_NULL || word->op == OPERATOR_ERR_OUT;
}

/* 2>&1 sends stderr to where stdout goes at that moment: XCU 2.7 takes redirections from left to right. */
static void redirect(struct line_stage *stage, enum line_operator op)
{
        switch (op) {
        case OPERATOR_OUT_NULL:
                stage->redirect |= REDIRECT_OUT_NULL;
                break;
        case OPERATOR_ERR_NULL:
                stage->redirect = (stage->redirect & ~(unsigned)REDIRECT_ERR_OUT) | REDIRECT_ERR_NULL;
                break;
        default:
                stage->redirect &= ~(unsigned)(REDIRECT_ERR_NULL | REDIRECT_ERR_OUT);
                stage->redirect |= (stage->redirect & REDIRECT_OUT_NULL) != 0 ? (unsigned)REDIRECT_ERR_NULL
                                                                              : (unsigned)REDIRECT_ERR_OUT;
        }
}

static int refuse(struct words_error *error, const struct word *word, const char *where)
{
        error->position = word->position;
        error->hint = "write a command on both sides, or quote it when it is meant literally";
        buf_printf(&error->reason, "nothing stands %s %s at position %u", where, word->text, word->position);
        return -EINVAL;
}

static int refuse_many(struct words_error *error, const struct word *word)
{
        error->position = word->position;
        error->limit = true;
        buf_printf(&error->reason, "more than %d commands in one line", DECIDE_STAGES_MOST);
        return -EINVAL;
}

/* Moves a stage's words together: redirections may stand between them. What is moved behind them stays in the list, to be freed. */
static size_t gather(struct words *words, size_t from, size_t to, struct line_stage *stage)
{
        size_t plain = from;

        for (size_t i = from; i < to; i++) {
                struct word word = words->list[i];

                if (is_redirection(&word)) {
                        redirect(stage, word.op);
                        continue;
                }
                for (size_t k = i; k > plain; k--)
                        words->list[k] = words->list[k - 1];
                words->list[plain++] = word;
        }
        return plain - from;
}

static int add_stage(struct line *line, size_t from, size_t to, enum stage_link link, struct words_error *error)
{
        struct line_stage stage = { .link = link };

        if (line->count == DECIDE_STAGES_MOST)
                return refuse_many(error, &line->words.list[from]);
        stage.words.list = line->words.list + from;
        stage.words.count = gather(&line->words, from, to, &stage);
        if (stage.words.count == 0)
                return refuse(error, &line->words.list[from], "before");
        line->stages[line->count++] = stage;
        return 0;
}

static int group(struct line *line, struct words_error *error)
{
        const struct words *words = &line->words;
        enum stage_link link = LINK_FIRST;
        size_t from = 0;
        int r = 0;

        for (size_t i = 0; r == 0 && i < words->count; i++) {
                const struct word *word = &words->list[i];

                if (word->op == OPERATOR_NONE || is_redirection(word))
                        continue;
                if (i == from)
                        return refuse(error, word, "before");
                r = add_stage(line, from, i, link, error);
                link = link_of(words->list[i].op);
                from = i + 1;
        }
        if (r < 0 || words->count == 0)
                return r;
        if (from < words->count)
                return add_stage(line, from, words->count, link, error);
        return link == LINK_THEN ? 0 : refuse(error, &words->list[from - 1], "behind");
}

int line_split(const char *text, size_t length, struct line *ret_line, struct words_error *ret_error)
{
        int r;

        *ret_line = (struct line){ 0 };
        r = words_split(text, length, &ret_line->words, ret_error);
        return r < 0 ? r : group(ret_line, ret_error);
}
