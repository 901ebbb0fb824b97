#include "pam_diag/ctl/explain.h"

#include <inttypes.h>
#include <string.h>

#include "pam_diag/base/json.h"
#include "pam_diag/ctl/show.h"

static const struct {
        unsigned bit;
        const char *name;
} networks[] = {
        { NETWORK_UNIX, "unix" },
        { NETWORK_INET, "inet" },
        { NETWORK_NETLINK, "netlink" },
};

enum { NETWORK_NAMES = sizeof(networks) / sizeof(networks[0]) };

static const char *verdict_text(enum verdict verdict)
{
        return verdict == VERDICT_ALLOW ? "allow" : verdict == VERDICT_HELP ? "help" : "deny";
}

static void put_name(struct buf *buf, const char *name)
{
        buf_printf(buf, "%-9s ", name);
}

static void put_line(struct buf *buf, const char *name, const char *value)
{
        if (value == NULL)
                return;
        put_name(buf, name);
        show_put_text(buf, value, strlen(value));
        buf_put_char(buf, '\n');
}

static void put_number(struct buf *buf, const char *name, uint64_t value, const char *unit)
{
        put_name(buf, name);
        if (value == 0)
                buf_put_text(buf, "none\n");
        else
                buf_printf(buf, "%" PRIu64 "%s\n", value, unit);
}

static void put_words(struct buf *buf, const char *name, char *const *words)
{
        put_name(buf, name);
        for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
                if (i > 0)
                        buf_put_char(buf, ' ');
                show_put_word(buf, words[i]);
        }
        buf_put_char(buf, '\n');
}

static void put_networks(struct buf *buf, unsigned network, const char *between, const char *around)
{
        bool first = true;

        for (size_t i = 0; i < NETWORK_NAMES; i++)
                if ((network & networks[i].bit) != 0) {
                        buf_printf(buf, "%s%s%s%s", first ? "" : between, around, networks[i].name, around);
                        first = false;
                }
}

static void put_network(struct buf *buf, unsigned network)
{
        put_name(buf, "network:");
        if (network == 0)
                buf_put_text(buf, "none");
        put_networks(buf, network, " ", "");
        buf_put_char(buf, '\n');
}

static void put_stage(struct buf *buf, const struct stage *stage)
{
        put_line(buf, "rule:", stage->rule);
        put_line(buf, "program:", stage->program);
        put_words(buf, "argv:", stage->argv);
        if (stage->helpers != NULL && stage->helpers[0] != NULL)
                put_words(buf, "helpers:", stage->helpers);
        put_network(buf, stage->network);
        put_number(buf, "timeout:", stage->timeout_ms, " ms");
        put_number(buf, "output:", stage->output_most, " bytes");
}

static void put_denial(struct buf *buf, const struct decision *decision)
{
        put_line(buf, "rule:", decision->rule);
        put_line(buf, "code:", decide_code_name(decision->code));
        put_line(buf, "reason:", decision->reason);
        put_line(buf, "hint:", decision->hint);
        if (decision->word > 0 || decision->position > 0)
                put_name(buf, "place:");
        if (decision->word > 0)
                buf_printf(buf, "word %u%s", decision->word, decision->position > 0 ? ", " : "\n");
        if (decision->position > 0)
                buf_printf(buf, "byte %u\n", decision->position);
}

static void put_help(struct buf *buf, const char *text)
{
        for (const char *line = text; line != NULL && *line != '\0';) {
                size_t n = strcspn(line, "\n");

                buf_put_text(buf, "  ");
                show_put_text(buf, line, n);
                buf_put_char(buf, '\n');
                line += n + (line[n] == '\n');
        }
}

void explain_put_text(struct buf *buf, const struct decision *decision)
{
        put_line(buf, "verdict:", verdict_text(decision->verdict));
        if (decision->verdict == VERDICT_DENY)
                put_denial(buf, decision);
        if (decision->verdict == VERDICT_HELP)
                put_help(buf, decision->text);
        for (size_t i = 0; decision->verdict == VERDICT_ALLOW && i < decision->stage_count; i++) {
                if (decision->stage_count > 1)
                        buf_printf(buf, "\nstage:    %zu of %zu\n", i + 1, decision->stage_count);
                put_stage(buf, &decision->stages[i]);
        }
}

static void put_stage_json(struct buf *buf, const struct stage *stage)
{
        buf_put_char(buf, '{');
        json_member_strv(buf, "words", stage->words);
        json_member_text(buf, "rule", stage->rule);
        json_member_text(buf, "program", stage->program);
        json_member_text(buf, "loader", stage->loader);
        json_member_strv(buf, "argv", stage->argv);
        json_member_strv(buf, "helpers", stage->helpers);
        json_key(buf, "network");
        buf_put_char(buf, '[');
        put_networks(buf, stage->network, ",", "\"");
        buf_put_char(buf, ']');
        json_member_i64(buf, "timeout_ms", (int64_t)stage->timeout_ms);
        json_member_i64(buf, "output_most", (int64_t)stage->output_most);
        buf_put_char(buf, '}');
}

void explain_put_json(struct buf *buf, const struct decision *decision)
{
        buf_put_char(buf, '{');
        json_member_text(buf, "verdict", verdict_text(decision->verdict));
        json_member_text(buf, "code", decision->code == CODE_NONE ? NULL : decide_code_name(decision->code));
        json_member_text(buf, "rule", decision->rule);
        json_member_text(buf, "reason", decision->reason);
        json_member_text(buf, "hint", decision->hint);
        json_member_i64(buf, "word", decision->word);
        json_member_i64(buf, "position", decision->position);
        json_member_text(buf, "text", decision->text);
        json_key(buf, "stages");
        buf_put_char(buf, '[');
        for (size_t i = 0; i < decision->stage_count; i++) {
                if (i > 0)
                        buf_put_char(buf, ',');
                put_stage_json(buf, &decision->stages[i]);
        }
        buf_put_text(buf, "]}\n");
}
