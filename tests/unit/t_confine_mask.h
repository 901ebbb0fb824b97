/* A tree with secrets and the masks over them, for the tests of mask.c. */
#pragma once

#include "tests/unit/t_confine_mounts.h"

#include <stdarg.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/confine/mask.h"

/* Confines the calling process as the module does, with these patterns below the test's directory; the list ends with NULL. */
__attribute__((unused)) static void hide(const char *first, ...)
{
        cleanup_strv char **patterns = NULL;
        cleanup_free char *path = NULL;
        va_list more;
        int r;

        va_start(more, first);
        for (const char *name = first; name != NULL; name = va_arg(more, const char *))
                ck_assert_int_eq(strv_append(&patterns, *name == '/' ? name : at_home(name)), 0);
        va_end(more);
        must_isolate();
        (void)must_stock();
        r = mask_paths(patterns, &path);
        ck_assert_msg(r == 0, "%s: %s", path, strerror(-r));
        ck_assert_ptr_null(path);
        must_step(mounts_finish);
}

static bool holds(const char *name, const char *text)
{
        cleanup_free char *data = NULL;
        size_t length;
        int r = fd_read_file(at_home(name), 4096, &data, &length);

        return r == 0 && strcmp(data, text) == 0;
}

__attribute__((unused)) static void must_hold(const char *name)
{
        ck_assert_msg(holds(name, "secret") || holds(name, "public"), "%s cannot be read", name);
}

/* Not even root, who opens everything, sees what is behind. */
__attribute__((unused)) static void must_be_hidden(const char *name)
{
        cleanup_free char *data = NULL;
        size_t length = 0;
        int r = fd_read_file(at_home(name), 4096, &data, &length);

        ck_assert_msg(r == -ENOENT || (r == 0 && length == 0), "%s shows \"%s\" (%d)", name, data, r);
}

__attribute__((unused)) static void become_user(void)
{
        ck_assert_int_eq(setresgid(65534, 65534, 65534), 0);
        ck_assert_int_eq(setresuid(65534, 65534, 65534), 0);
}

/* A tree with secrets, readable by its modes, and neighbours that must stay in sight. */
__attribute__((unused)) static void make_tree(void)
{
        own_tree();
        make_directory(at_home("d"));
        make_directory(at_home("d/in"));
        make_file(at_home("d/in/token"), "secret", 0644);
        make_file(at_home("d/key"), "secret", 0644);
        make_file(at_home("key1"), "secret", 0644);
        make_file(at_home("key2"), "secret", 0644);
        make_file(at_home("other"), "public", 0644);
        make_directory(at_home("e"));
        make_file(at_home("e/file"), "public", 0644);
}
