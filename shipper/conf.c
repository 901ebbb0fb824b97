#include "shipper/conf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/ini.h"
#include "shipper/conf_check.h"
#include "shipper/conf_key.h"
#include "shipper/conf_sink.h"
#include "shipper/sinks/sink.h"

struct parse {
        const struct sink_type *const *types;
        size_t type_count;
        struct ship_config *config;
        struct sink_config *sink; /* of the present section; NULL before the first, and when its heading is wrong */
        bool seen[CONF_KEYS_MOST];
        bool type_wrong;
        struct conf_check check;
};

void conf_wrong(struct conf_check *check, const char *key, const char *format, ...)
{
        cleanup_buf struct buf text = BUF_INIT(4096);
        const struct conf_place *place = &check->places[0];
        va_list arguments;

        for (size_t i = 1; i < check->count && key != NULL; i++)
                if (strcmp(check->places[i].key, key) == 0)
                        place = &check->places[i];
        va_start(arguments, format);
        buf_vprintf(&text, format, arguments);
        va_end(arguments);
        policy_error(check->errors, check->file, place->line, place->column, "%s", text.data != NULL ? text.data : "");
}

static void remember(struct conf_check *check, const char *key, unsigned line, unsigned column)
{
        struct conf_place place = { .line = line, .column = column };

        if (check->count == CONF_PLACES_MOST || strlen(key) >= sizeof(place.key))
                return;
        memcpy(place.key, key, strlen(key) + 1);
        check->places[check->count++] = place;
}

static bool takes_option(const struct sink_type *type, const char *key)
{
        for (size_t i = 0; type->options != NULL && type->options[i] != NULL; i++)
                if (strcmp(type->options[i], key) == 0)
                        return true;
        return false;
}

/* The type may stand behind other keys, so keys are matched with it at the end. */
static void check_keys(struct parse *parse)
{
        const struct sink_type *type = parse->sink->type;

        for (size_t i = 1; i < parse->check.count; i++) {
                const struct conf_place *place = &parse->check.places[i];
                int number = conf_key_find(place->key);
                bool taken = number >= 0 ? (conf_key_bit(number) & (type->keys | SINK_COMMON)) != 0
                                         : takes_option(type, place->key);

                if (!taken)
                        policy_error(parse->check.errors, parse->check.file, place->line, place->column,
                                     "a sink of type %s has no key `%s`", type->name, place->key);
        }
}

static int finish_section(struct parse *parse)
{
        struct sink_config *sink = parse->sink;

        parse->sink = NULL;
        if (sink == NULL || parse->types == NULL || parse->type_wrong)
                return 0;
        if (sink->type == NULL) {
                conf_wrong(&parse->check, NULL, "`type = …` is missing");
                return 0;
        }
        parse->sink = sink;
        check_keys(parse);
        parse->sink = NULL;
        return conf_sink_finish(sink, &parse->check);
}

static bool is_name(const char *name)
{
        size_t length = strlen(name);

        if (length == 0 || length > CONF_NAME_MOST || name[0] == '.' || name[0] == '-')
                return false;
        for (size_t i = 0; i < length; i++)
                if (!((name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z') ||
                      (name[i] >= '0' && name[i] <= '9') || strchr("._-", name[i]) != NULL))
                        return false;
        return true;
}

static int on_section(void *context, const struct ini_item *item)
{
        struct parse *parse = context;
        struct policy_errors *errors = parse->check.errors;

        if (finish_section(parse) < 0)
                return -ENOMEM;
        memset(parse->seen, 0, sizeof(parse->seen));
        parse->type_wrong = false;
        parse->check.count = 0;
        remember(&parse->check, "", item->line, item->column);
        if (strcmp(item->words[0], "sink") != 0 || item->words[1] == NULL || item->words[2] != NULL)
                policy_error(errors, item->file, item->line, item->column, "expected [sink NAME]");
        else if (!is_name(item->words[1]))
                policy_error(errors, item->file, item->line, item->column,
                             "a sink's name has letters, digits, `.`, `_`, `-`, and at most %d of them",
                             CONF_NAME_MOST);
        else if (conf_find(parse->config, item->words[1]) != NULL)
                policy_error(errors, item->file, item->line, item->column, "there is a sink %s already",
                             item->words[1]);
        else if (parse->config->count == CONF_SINKS_MOST)
                policy_error(errors, item->file, item->line, item->column, "more than %d sinks", CONF_SINKS_MOST);
        else if ((parse->sink = conf_sink_new(item->words[1])) == NULL)
                return -ENOMEM;
        else
                parse->config->sinks[parse->config->count++] = parse->sink;
        return 0;
}

static void take_type(struct parse *parse, const struct ini_item *item)
{
        cleanup_buf struct buf known = BUF_INIT(1024);

        for (size_t i = 0; i < parse->type_count; i++) {
                buf_printf(&known, " %s", parse->types[i]->name);
                if (strcmp(parse->types[i]->name, item->value) == 0)
                        parse->sink->type = parse->types[i];
        }
        parse->type_wrong = parse->sink->type == NULL;
        if (parse->type_wrong)
                policy_error(parse->check.errors, item->file, item->line, item->value_column,
                             "no such type of sink; there are%s", known.data != NULL ? known.data : "");
}

static bool is_known_option(const struct parse *parse, const char *key)
{
        for (size_t i = 0; i < parse->type_count; i++)
                if (takes_option(parse->types[i], key))
                        return true;
        return false;
}

static int take_option(struct parse *parse, const struct ini_item *item)
{
        cleanup_free char *pair = NULL;

        if (conf_option(parse->sink, item->key) != NULL) {
                policy_error(parse->check.errors, item->file, item->line, item->column, "`%s` is given twice",
                             item->key);
                return 0;
        }
        if (asprintf(&pair, "%s=%s", item->key, item->value) < 0)
                return -ENOMEM;
        return strv_append(&parse->sink->options, pair);
}

static int take_key(struct parse *parse, int number, const struct ini_item *item)
{
        const char *expected = NULL;
        int r;

        if (parse->seen[number] && !conf_key_repeats(number)) {
                policy_error(parse->check.errors, item->file, item->line, item->column, "`%s` is given twice",
                             item->key);
                return 0;
        }
        parse->seen[number] = true;
        r = conf_key_read(number, item->value, parse->sink, &expected);
        if (r == -EINVAL)
                policy_error(parse->check.errors, item->file, item->line, item->value_column, "%s", expected);
        return r == -ENOMEM ? r : 0;
}

static int on_item(void *context, const struct ini_item *item)
{
        struct parse *parse = context;
        int number = conf_key_find(item->key);

        if (parse->sink == NULL || parse->types == NULL)
                return 0;
        if (strcmp(item->key, "type") == 0) {
                if (parse->sink->type != NULL || parse->type_wrong)
                        policy_error(parse->check.errors, item->file, item->line, item->column,
                                     "`type` is given twice");
                else
                        take_type(parse, item);
                return 0;
        }
        if (number < 0 && !is_known_option(parse, item->key)) {
                policy_error(parse->check.errors, item->file, item->line, item->column, "unknown key `%s`", item->key);
                return 0;
        }
        if (parse->check.count == CONF_PLACES_MOST) {
                policy_error(parse->check.errors, item->file, item->line, item->column,
                             "more than %d keys in one section", CONF_PLACES_MOST - 1);
                return 0;
        }
        remember(&parse->check, item->key, item->line, item->value_column);
        return number >= 0 ? take_key(parse, number, item) : take_option(parse, item);
}

int conf_parse(const char *file, const char *text, size_t length, const struct sink_type *const *types,
               size_t type_count, struct policy_errors *errors, struct ship_config *ret_config)
{
        cleanup_conf struct ship_config config = { .count = 0 };
        struct parse parse = {
                .types = types, .type_count = type_count, .config = &config, .check = { .errors = errors, .file = file }
        };
        const struct ini_handler handler = { .section = on_section, .item = on_item, .context = &parse };
        size_t before = errors->count;

        if (ini_parse(file, text, length, &handler, errors) < 0 || finish_section(&parse) < 0)
                return -ENOMEM;
        if (errors->count == before && config.count == 0)
                policy_error(errors, file, 0, 0, "no [sink NAME] in it");
        if (errors->count != before)
                return -EINVAL;
        *ret_config = config;
        config = (struct ship_config){ .count = 0 };
        return 0;
}
