#include <openssl/evp.h>
#include <string.h>

#include "pam_diag/base/json.h"
#include "pam_diag/ctl/explain.h"

/* A multiple of three, so that only the last piece of a word is padded. */
enum { PIECE = 3 * 256, PIECE_ENCODED = 4 * 256 };

static void put_base64(struct buf *buf, const char *text)
{
        size_t length = strlen(text);

        buf_put_char(buf, '"');
        for (size_t i = 0; i < length; i += PIECE) {
                size_t n = length - i < PIECE ? length - i : PIECE;
                unsigned char encoded[PIECE_ENCODED + 1]; /* EVP_EncodeBlock(3) ends it with a NUL */
                int written = EVP_EncodeBlock(encoded, (const unsigned char *)text + i, (int)n);

                buf_put(buf, encoded, (size_t)written);
        }
        buf_put_char(buf, '"');
}

static void put_words(struct buf *buf, char *const *words)
{
        buf_put_char(buf, '[');
        for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
                if (i > 0)
                        buf_put_char(buf, ',');
                put_base64(buf, words[i]);
        }
        buf_put_char(buf, ']');
}

/* A denial of the line as a whole names no word: its stages are only what came before the fault. */
static bool could_be_split(const struct decision *decision)
{
        return decision->verdict != VERDICT_DENY || decision->word > 0 ||
               (decision->code != CODE_SYNTAX && decision->code != CODE_LIMIT);
}

static void put_place(struct buf *buf, const char *name, unsigned value)
{
        if (value > 0)
                json_member_i64(buf, name, value);
        else
                json_member_text(buf, name, NULL);
}

static void put_plan(struct buf *buf, const struct stage *stage)
{
        buf_put_char(buf, '{');
        json_member_text(buf, "link", explain_link(stage->link));
        json_key(buf, "redirect");
        buf_put_char(buf, '[');
        explain_put_redirects(buf, stage->redirect, ",", "\"");
        buf_put_char(buf, ']');
        json_member_text(buf, "rule", stage->rule);
        json_member_text(buf, "program", stage->program);
        json_member_strv(buf, "helpers", stage->helpers);
        json_member_strv(buf, "reads", stage->reads);
        json_member_bool(buf, "lists", stage->lists);
        json_key(buf, "network");
        buf_put_char(buf, '[');
        explain_put_networks(buf, stage->network, ",", "\"");
        buf_put_char(buf, ']');
        json_member_i64(buf, "timeout_ms", (int64_t)stage->limits.timeout_ms);
        json_member_i64(buf, "output_most", (int64_t)stage->limits.output_most);
        json_member_i64(buf, "memory_most", (int64_t)stage->limits.memory_most);
        json_member_i64(buf, "cpu_s", (int64_t)stage->limits.cpu_s);
        json_member_i64(buf, "processes_most", (int64_t)stage->limits.processes_most);
        buf_put_char(buf, '}');
}

static void put_stages(struct buf *buf, const struct decision *decision)
{
        size_t split = could_be_split(decision) ? decision->stage_count : 0;
        size_t runs = decision->verdict == VERDICT_ALLOW ? decision->stage_count : 0;
        bool first = true;

        json_key(buf, "stages");
        buf_put_char(buf, '[');
        for (size_t i = 0; i < split; i++) {
                if (decision->stages[i].made)
                        continue;
                buf_put_text(buf, first ? "" : ",");
                put_words(buf, decision->stages[i].words);
                first = false;
        }
        buf_put_char(buf, ']');
        json_key(buf, "run");
        buf_put_char(buf, '[');
        for (size_t i = 0; i < runs; i++) {
                buf_put_text(buf, i > 0 ? "," : "");
                put_words(buf, decision->stages[i].argv);
        }
        buf_put_char(buf, ']');
        json_key(buf, "plan");
        buf_put_char(buf, '[');
        for (size_t i = 0; i < runs; i++) {
                buf_put_text(buf, i > 0 ? "," : "");
                put_plan(buf, &decision->stages[i]);
        }
        buf_put_char(buf, ']');
}

void explain_put_json(struct buf *buf, const struct decision *decision)
{
        buf_put_char(buf, '{');
        json_member_text(buf, "verdict", decision->verdict == VERDICT_DENY ? "deny" : "allow");
        json_member_bool(buf, "help", decision->verdict == VERDICT_HELP);
        json_member_text(buf, "code", decision->code == CODE_NONE ? NULL : decide_code_name(decision->code));
        json_member_text(buf, "rule", decision->rule);
        json_member_text(buf, "reason", decision->reason);
        json_member_text(buf, "hint", decision->hint);
        put_place(buf, "word", decision->word);
        put_place(buf, "position", decision->position);
        json_member_text(buf, "text", decision->text);
        put_stages(buf, decision);
        buf_put_text(buf, "}\n");
}
