#include "pam_diag/policy/engine.h"

#include <errno.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/keys.h"

enum { PLACES_MOST = 3 };

const char engine_names[] = "docker podman";

/* As they stand among the built-in denies (load_session.c). */
static const struct engine {
        const char *name;
        const char *places[PLACES_MOST];
} engines[] = {
        { "docker", { "/run/docker.sock", "/var/run/docker.sock" } },
        { "podman", { "/run/podman" } },
};

static const struct engine *find(const char *name)
{
        for (size_t i = 0; name != NULL && i < sizeof(engines) / sizeof(engines[0]); i++)
                if (strcmp(engines[i].name, name) == 0)
                        return &engines[i];
        return NULL;
}

bool engine_is_known(const char *name)
{
        return find(name) != NULL;
}

const char *engine_of(const struct policy *policy, const char *fingerprint)
{
        const struct key *key = key_find(policy, fingerprint);

        return key == NULL ? NULL : key->engine;
}

static bool has_place(const struct engine *engine, const char *pattern)
{
        for (size_t i = 0; engine != NULL && i < PLACES_MOST && engine->places[i] != NULL; i++)
                if (strcmp(engine->places[i], pattern) == 0)
                        return true;
        return false;
}

int engine_masks(const struct policy *policy, const char *fingerprint, char ***patterns)
{
        const struct engine *engine = find(engine_of(policy, fingerprint));
        char *const *deny = policy_deny(policy);
        int r = 0;

        for (size_t i = 0; r == 0 && deny[i] != NULL; i++)
                if (i < policy->own_denies || !has_place(engine, deny[i]))
                        r = strv_append_once(patterns, deny[i]);
        return r;
}
