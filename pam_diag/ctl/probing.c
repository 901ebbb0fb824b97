#include "pam_diag/ctl/probing.h"

#include <string.h>

#include "pam_diag/base/mem.h"

static const struct layer {
        const char *name;
        const char *label;
        const char *lack; /* what a kernel without it lacks (confine/layers.h); NULL: every kernel has it */
} layers[] = {
        { FINDING_SESSION, "session", NULL },
        { FINDING_MOUNTS, "mounts", NULL },
        { FINDING_MASKS, "masks", NULL },
        { FINDING_LANDLOCK_SESSION, "Landlock, session", NULL },
        { FINDING_FORWARDS, "supervisor, forwarding", NULL },
        { FINDING_EXEC_SESSION, "supervisor, programs of sshd", NULL },
        { FINDING_IPC, "IPC namespace", NULL },
        { FINDING_TERMINALS, "terminals", NULL },
        { FINDING_RIGHTS, "rights", NULL },
        { FINDING_DESCRIPTORS, "descriptors", NULL },
        { FINDING_GROUP, "control group", "cgroup-kill" },
        { FINDING_LANDLOCK, "Landlock, stage: devices", NULL },
        { FINDING_LANDLOCK_READ, "Landlock, stage: reading", NULL },
        { FINDING_LANDLOCK_IOCTL, "Landlock, stage: ioctls", "landlock-ioctl" },
        { FINDING_SIGNALS, "Landlock, stage: signals", "landlock-scope" },
        { FINDING_EXEC, "supervisor, programs", NULL },
        { FINDING_SECCOMP, "seccomp list", NULL },
        { FINDING_ABI, "seccomp, other ABIs", NULL },
        { FINDING_SOCKETS, "supervisor, sockets", NULL },
        { FINDING_ORPHANS, "supervisor, orphans", NULL },
        { FINDING_ABSTRACT, "Landlock, abstract sockets", "landlock-scope" },
        { FINDING_LANDLOCK_NET, "Landlock, TCP", "landlock-net" },
        { FINDING_LOOPBACK, "supervisor, loopback", NULL },
        { FINDING_CLOSE, "close", NULL },
        { FINDING_LEFT, "processes", NULL },
};
enum { LAYERS = sizeof(layers) / sizeof(layers[0]) };

size_t probing_layer_count(void)
{
        return LAYERS;
}

const char *probing_layer(size_t index)
{
        return layers[index].name;
}

static const struct layer *find(const char *name)
{
        for (size_t i = 0; i < LAYERS; i++)
                if (strcmp(layers[i].name, name) == 0)
                        return &layers[i];
        return NULL;
}

const char *probing_label(const char *layer)
{
        const struct layer *found = find(layer);

        return found == NULL ? layer : found->label;
}

enum report probing_judge(const struct finding *finding, const struct probing_host *host, const char **ret_text)
{
        const struct layer *layer = find(finding->layer);
        const char *lack = layer == NULL ? NULL : layer->lack;

        *ret_text = finding->text;
        if (finding->kind == FINDING_OK)
                return REPORT_OK;
        if (lack != NULL && strv_has(host->missing, lack, strlen(lack)) &&
            strv_has(host->accepted, lack, strlen(lack))) {
                *ret_text = "this host does not have it (accepted by the policy)";
                return REPORT_LACKING;
        }
        if (host->proc_is_hidden && strcmp(finding->layer, FINDING_GROUP) == 0) {
                *ret_text = "not to be seen: the policy lets no command read /proc";
                return REPORT_LACKING;
        }
        if (host->root_is_readable && strcmp(finding->layer, FINDING_LANDLOCK_READ) == 0) {
                *ret_text = "the policy lets every directory be read";
                return REPORT_LACKING;
        }
        return REPORT_FAIL;
}
