#include "pam_diag/ctl/explain.h"

#include <inttypes.h>
#include <string.h>

#include "pam_diag/ctl/show.h"

struct bit_name {
        unsigned bit;
        const char *name;
};

static const struct bit_name networks[] = {
        { NETWORK_UNIX, "unix" },         { NETWORK_INET, "inet" },     { NETWORK_NETLINK, "netlink" },
        { NETWORK_LOOPBACK, "loopback" }, { NETWORK_ENGINE, "engine" },
};

/* In an order in which a shell would have to read them. */
static const struct bit_name redirects[] = {
        { REDIRECT_ERR_OUT, "2>&1" },
        { REDIRECT_ERR_NULL, "2>/dev/null" },
        { REDIRECT_OUT_NULL, ">/dev/null" },
};

static void put_bits(struct buf *buf, const struct bit_name *names, size_t count, unsigned bits, const char *between,
                     const char *around)
{
        bool first = true;

        for (size_t i = 0; i < count; i++)
                if ((bits & names[i].bit) != 0) {
                        buf_printf(buf, "%s%s%s%s", first ? "" : between, around, names[i].name, around);
                        first = false;
                }
}

void explain_put_networks(struct buf *buf, unsigned network, const char *between, const char *around)
{
        put_bits(buf, networks, sizeof(networks) / sizeof(networks[0]), network, between, around);
}

const char *explain_link(enum stage_link link)
{
        static const char *const names[] = {
                [LINK_FIRST] = "", [LINK_PIPE] = "|", [LINK_AND] = "&&", [LINK_OR] = "||", [LINK_THEN] = ";",
        };

        return (size_t)link < sizeof(names) / sizeof(names[0]) ? names[link] : "?";
}

void explain_put_redirects(struct buf *buf, unsigned redirect, const char *between, const char *around)
{
        put_bits(buf, redirects, sizeof(redirects) / sizeof(redirects[0]), redirect, between, around);
}

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

static void put_network(struct buf *buf, unsigned network)
{
        put_name(buf, "network:");
        if (network == 0)
                buf_put_text(buf, "none");
        explain_put_networks(buf, network, " ", "");
        buf_put_char(buf, '\n');
}

/* How it is put together with the others, as a shell would write it. */
static void put_link(struct buf *buf, const struct stage *stage)
{
        const char *link = explain_link(stage->link);

        if (stage->link != LINK_FIRST)
                put_line(buf, "link:", link);
        if (stage->redirect == 0)
                return;
        put_name(buf, "redirect:");
        explain_put_redirects(buf, stage->redirect, " ", "");
        buf_put_char(buf, '\n');
}

static void put_stage(struct buf *buf, const struct stage *stage)
{
        put_link(buf, stage);
        put_line(buf, "rule:", stage->rule);
        put_line(buf, "program:", stage->program);
        put_words(buf, "argv:", stage->argv);
        if (stage->helpers != NULL && stage->helpers[0] != NULL)
                put_words(buf, "helpers:", stage->helpers);
        put_network(buf, stage->network);
        put_number(buf, "timeout:", stage->limits.timeout_ms, " ms");
        put_number(buf, "output:", stage->limits.output_most, " bytes");
        put_number(buf, "memory:", stage->limits.memory_most, " bytes a process");
        put_number(buf, "cpu:", stage->limits.cpu_s, " s a process");
        put_number(buf, "processes:", stage->limits.processes_most, "");
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
