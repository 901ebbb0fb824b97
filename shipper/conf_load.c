#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/policy/ini.h"
#include "pam_diag/policy/trust.h"
#include "shipper/conf.h"
#include "shipper/conf_sink.h"
#include "shipper/sinks/sink.h"

static int read_trusted(const char *path, char **ret_text, size_t *ret_length, struct policy_errors *errors)
{
        cleanup_trust_cache struct trust_cache *cache = trust_cache_new(POLICY_ROOT_ONLY);
        cleanup_buf struct buf why = BUF_INIT(4096);
        cleanup_fd int fd = -1;
        int r;

        if (cache == NULL)
                return -ENOMEM;
        r = trust_open(cache, path, TRUST_FILE, &fd, NULL, &why);
        if (r == -ENOENT)
                return r;
        if (r == 0)
                r = fd_read_all(fd, INI_FILE_MOST + 1, ret_text, ret_length);
        if (r < 0)
                policy_error(errors, path, 0, 0, "%s", why.length > 0 ? why.data : strerror(-r));
        return r;
}

int conf_load(const char *path, const struct sink_type *const *types, size_t type_count, struct policy_errors *errors,
              struct ship_config *ret_config)
{
        cleanup_free char *text = NULL;
        size_t length = 0;
        int r = read_trusted(path, &text, &length, errors);

        return r < 0 ? r : conf_parse(path, text, length, types, type_count, errors, ret_config);
}

static const struct sink_type *find_type(const char *spec, const struct sink_type *const *types, size_t type_count)
{
        size_t length = strcspn(spec, ":");

        for (size_t i = 0; i < type_count; i++)
                if (strlen(types[i]->name) == length && strncmp(types[i]->name, spec, length) == 0)
                        return types[i];
        return NULL;
}

static int judge_spec(struct sink_config *sink, const char *spec, struct fault *fault)
{
        cleanup_policy_errors struct policy_errors errors = POLICY_ERRORS_INIT;
        struct conf_check check = { .errors = &errors, .file = spec, .count = 1 };

        if (conf_sink_finish(sink, &check) < 0)
                return fault_set(fault, FAULT_LATER, "out of memory");
        if (errors.count == 0)
                return 0;
        if (errors.text.length > 0) /* its last newline */
                errors.text.data[strcspn(errors.text.data, "\n")] = '\0';
        return fault_set(fault, FAULT_USAGE, "--sink %s", errors.text.length > 0 ? errors.text.data : spec);
}

int conf_add_spec(struct ship_config *config, const char *spec, const struct sink_type *const *types, size_t type_count,
                  struct fault *fault)
{
        cleanup_sink_conf struct sink_config *sink = NULL;
        const char *colon = strchr(spec, ':');

        for (const char *c = spec; *c != '\0'; c++)
                if ((unsigned char)*c < 0x20 || *c == 0x7f)
                        return fault_set(fault, FAULT_USAGE, "--sink: control character at position %zu",
                                         (size_t)(c - spec) + 1);
        if (config->count == CONF_SINKS_MOST)
                return fault_set(fault, FAULT_USAGE, "--sink: more than %d sinks", CONF_SINKS_MOST);
        /* Two with one cursor would each believe that the other's rows were their own. */
        if (conf_find(config, spec) != NULL)
                return fault_set(fault, FAULT_USAGE, "--sink %s: given twice", spec);
        sink = conf_sink_new(spec);
        if (sink == NULL || (sink->target = strdup(colon != NULL ? colon + 1 : "")) == NULL)
                return fault_set(fault, FAULT_LATER, "out of memory");
        sink->type = find_type(spec, types, type_count);
        if (sink->type == NULL)
                return fault_set(fault, FAULT_USAGE, "--sink %s: no such type of sink; see diag-ship --help", spec);
        if (judge_spec(sink, spec, fault) < 0)
                return -1;
        config->sinks[config->count++] = take_ptr(&sink);
        return 0;
}
