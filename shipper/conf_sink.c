#include "shipper/conf_sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "shipper/sinks/sink.h"

enum { TIMEOUT_MS = 30000, RETRY_MS = 60000, OLDEST_MS = 6 * 86400000 };

void conf_sink_free(struct sink_config *sink)
{
        if (sink == NULL)
                return;
        free(sink->name);
        free(sink->target);
        strv_free(sink->labels);
        strv_free(sink->options);
        free(sink->tenant);
        free(sink->user);
        free(sink->password);
        free(sink->token);
        free(sink->private_key);
        free(sink->certificate);
        free(sink->ca);
        free(sink->proxy);
        free(sink);
}

void conf_free(struct ship_config *config)
{
        for (size_t i = 0; i < config->count; i++)
                conf_sink_free(config->sinks[i]);
        *config = (struct ship_config){ .count = 0 };
}

struct sink_config *conf_sink_new(const char *name)
{
        cleanup_sink_conf struct sink_config *sink = calloc(1, sizeof(*sink));

        if (sink == NULL)
                return NULL;
        sink->name = strdup(name);
        sink->timeout_ms = TIMEOUT_MS;
        sink->retry_ms = RETRY_MS;
        sink->settle_ms = UINT64_MAX; /* the type's, unless it is given */
        sink->line_bytes = UINT64_MAX;
        sink->oldest_ms = OLDEST_MS;
        sink->batch_bytes = CONF_BATCH_BYTES;
        sink->batch_rows = CONF_BATCH_ROWS;
        return sink->name == NULL ? NULL : take_ptr(&sink);
}

int conf_sink_finish(struct sink_config *sink, struct conf_check *check)
{
        const struct sink_type *type = sink->type;

        if (sink->settle_ms == UINT64_MAX)
                sink->settle_ms = type->settle_ms;
        if (sink->line_bytes == UINT64_MAX)
                sink->line_bytes = type->line_bytes;
        if (sink->target == NULL && (type->keys & (SINK_URL | SINK_PATH)) != 0)
                conf_wrong(check, NULL, "a sink of type %s needs `%s = …`", type->name,
                           (type->keys & SINK_URL) != 0 ? "url" : "path");
        else if (sink->target == NULL && (sink->target = strdup("")) == NULL)
                return -ENOMEM;
        if ((sink->password == NULL) != (sink->user == NULL))
                conf_wrong(check, sink->user != NULL ? "user" : "password", "`user` and `password` go together");
        if (sink->token != NULL && sink->user != NULL)
                conf_wrong(check, "token", "`token` and `user` exclude each other");
        if ((sink->certificate == NULL) != (sink->private_key == NULL))
                conf_wrong(check, sink->certificate != NULL ? "certificate" : "key",
                           "`certificate` and `key` go together");
        if (sink->target != NULL)
                type->check(sink, check);
        return 0;
}

const struct sink_config *conf_find(const struct ship_config *config, const char *name)
{
        for (size_t i = 0; i < config->count; i++)
                if (strcmp(config->sinks[i]->name, name) == 0)
                        return config->sinks[i];
        return NULL;
}

const char *conf_option(const struct sink_config *sink, const char *key)
{
        size_t length = strlen(key);

        for (char **option = sink->options; option != NULL && *option != NULL; option++)
                if (strncmp(*option, key, length) == 0 && (*option)[length] == '=')
                        return *option + length + 1;
        return NULL;
}
