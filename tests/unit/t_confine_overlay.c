/* confine/overlay.c: options as the kernel shows them. */
#include "tests/unit/t_help.h"

#include "pam_diag/base/mem.h"
#include "pam_diag/confine/overlay.h"

static void must_be(const char *options, const char *expected)
{
        cleanup_strv char **layers = NULL;
        char joined[1024] = "";

        ck_assert_int_eq(overlay_layers(options, &layers), 0);
        for (size_t i = 0; layers != NULL && layers[i] != NULL; i++) {
                strcat(joined, i > 0 ? "|" : "");
                strcat(joined, layers[i]);
        }
        ck_assert_str_eq(joined, expected);
}

START_TEST(every_layer)
{
        must_be("rw,lowerdir=/a:/b,upperdir=/u,workdir=/w,xino=off", "/a|/b|/u");
        must_be("ro,lowerdir=/a", "/a");
        must_be("rw,lowerdir+=/a,lowerdir+=/b:c,datadir+=/d,upperdir=/u", "/a|/b:c|/d|/u");
        must_be("rw,lowerdir=/a::/data::/more", "/a|/data|/more");
        must_be("rw,lowerdir=/a\\:b:/c\\,d,upperdir=/u\\\\v", "/a:b|/c,d|/u\\v");
        must_be("rw,lowerdir=/a:/a", "/a");
}
END_TEST

START_TEST(nothing_else)
{
        must_be("", "");
        must_be("rw", "");
        must_be("rw,,,", "");
        must_be("lowerdir=", "");
        must_be("lowerdir=relative:./x,upperdir=up", "");
        must_be("workdir=/w\\,lowerdir=/x,redirect_dir=on", "");
        must_be("xlowerdir=/x", "");
        must_be("lowerdir=/a\\", "/a\\");
}
END_TEST

TEST_MAIN("confine/overlay", NULL, NULL, every_layer, nothing_else)
