#include <errno.h>
#include <pwd.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "config.h"
#include "pam_diag/base/fd.h"
#include "pam_diag/confine/landlock.h"
#include "pam_diag/confine/layers.h"
#include "pam_diag/ctl/doctor.h"
#include "pam_diag/ctl/kernelfacts.h"

enum { OLDEST_MAJOR = 6, OLDEST_MINOR = 1, MOUNTS_MOST = 16 * 1024 * 1024 };

static void check_release(struct doctor *doctor)
{
        struct utsname name;
        unsigned major = 0;
        unsigned minor = 0;

        if (uname(&name) < 0 || kernelfacts_release(name.release, &major, &minor) < 0)
                doctor_say(doctor, REPORT_SKIP, "kernel: its release cannot be read");
        else if (major < OLDEST_MAJOR || (major == OLDEST_MAJOR && minor < OLDEST_MINOR))
                doctor_say(doctor, REPORT_FAIL, "kernel %s is too old: %d.%d or newer is needed", name.release,
                           OLDEST_MAJOR, OLDEST_MINOR);
        else
                doctor_say(doctor, REPORT_OK, "kernel %s", name.release);
}

static void say_missing(struct doctor *doctor, char *const *missing)
{
        cleanup_free char *all = NULL;
        cleanup_free char *refused = NULL;
        int r = layers_refused(missing, NULL, &all);

        if (r == 0 && doctor->policy != NULL)
                r = layers_refused(missing, policy_accept_missing(doctor->policy), &refused);
        if (r < 0)
                doctor_say(doctor, REPORT_FAIL, "kernel: %s", strerror(-r));
        else if (doctor->policy == NULL)
                doctor_say(doctor, REPORT_SKIP, "kernel: lacks %s: whether the policy accepts it is not known", all);
        else if (refused != NULL)
                doctor_say(doctor, REPORT_FAIL,
                           "kernel: Landlock ABI %d lacks %s: a newer kernel, or accept-missing = %s in the policy",
                           landlock_abi(), refused, refused);
        else
                doctor_say(doctor, REPORT_WARN, "kernel: Landlock ABI %d lacks %s, which the policy accepts",
                           landlock_abi(), all);
}

static void check_landlock(struct doctor *doctor)
{
        cleanup_strv char **missing = NULL;
        int r = layers_probe(&missing);

        if (r < 0)
                doctor_say(doctor, REPORT_FAIL, "kernel: no Landlock (%s): boot with lsm=landlock,…", strerror(-r));
        else if (missing == NULL)
                doctor_say(doctor, REPORT_OK, "kernel: Landlock ABI %d, every layer", landlock_abi());
        else
                say_missing(doctor, missing);
}

static void check_listener(struct doctor *doctor)
{
        int r = layers_probe_listener();

        if (r == -EINVAL)
                doctor_say(doctor, REPORT_FAIL, "kernel: seccomp's listener lacks WAIT_KILLABLE_RECV: 5.19 has it");
        else if (r < 0)
                doctor_say(doctor, REPORT_FAIL, "kernel: no seccomp user notification (%s): CONFIG_SECCOMP_FILTER=y",
                           strerror(-r));
        else
                doctor_say(doctor, REPORT_OK, "kernel: seccomp user notification");
}

/* A structure of no size is refused by every kernel that has the call (mount_setattr(2), EINVAL). */
static void check_mounts(struct doctor *doctor)
{
        if (syscall(SYS_mount_setattr, -1, "", 0, NULL, (size_t)0) < 0 && errno == ENOSYS)
                doctor_say(doctor, REPORT_FAIL, "kernel: no mount_setattr: 5.12 has it");
        else
                doctor_say(doctor, REPORT_OK, "kernel: mount_setattr");
}

/* The supervisor looks at /proc/PID/status of the session's processes as diag-audit. */
static void check_proc(struct doctor *doctor)
{
        cleanup_free char *mounts = NULL;
        const struct passwd *auditor = getpwnam(AUDIT_USER);
        struct hidepid hidepid = { .gid = -1 };
        size_t length = 0;
        int r = fd_read_file("/proc/self/mounts", MOUNTS_MOST, &mounts, &length);

        if (r == 0)
                r = kernelfacts_hidepid(mounts, &hidepid);
        if (r < 0)
                doctor_say(doctor, REPORT_FAIL, "/proc: %s: mount it", strerror(-r));
        else if (hidepid.hides && !(auditor != NULL && hidepid.gid == (long)auditor->pw_gid))
                doctor_say(
                        doctor, REPORT_FAIL,
                        "/proc is mounted with hidepid=%s, so the supervisor sees no process and refuses all: remount "
                        "with hidepid=0, or with gid=" AUDIT_USER,
                        hidepid.value);
        else
                doctor_say(doctor, REPORT_OK, "/proc shows the supervisor every process");
}

void doctor_check_kernel(struct doctor *doctor)
{
        check_release(doctor);
        check_landlock(doctor);
        check_listener(doctor);
        check_mounts(doctor);
        check_proc(doctor);
}
