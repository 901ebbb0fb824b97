/* confine/mask.c: what overlays show of a denied place, and what their layers hold. */
#include "tests/unit/t_confine_mask.h"

/* e (tmpfs) and up make merged; `other-up` and merged make top. */
static void make_overlays(void)
{
        char options[1024];

        make_tree();
        make_directory(at_home("s"));
        ck_assert_int_eq(mount("tmpfs", at_home("s"), "tmpfs", 0, "mode=0755"), 0);
        for (const char *const *name = (const char *const[]){ "s/low", "s/low/d", "s/up", "s/work", "s/merged", "s/up2",
                                                              "s/work2", "s/top", "s/bound", NULL };
             *name != NULL; name++)
                make_directory(at_home(*name));
        make_file(at_home("s/low/d/token"), "secret", 0644);
        make_file(at_home("s/low/open"), "public", 0644);
        (void)snprintf(options, sizeof(options), "lowerdir=%s/s/low,upperdir=%s/s/up,workdir=%s/s/work", home, home,
                       home);
        ck_assert_int_eq(mount("overlay", at_home("s/merged"), "overlay", 0, options), 0);
        (void)snprintf(options, sizeof(options), "lowerdir=%s/s/merged,upperdir=%s/s/up2,workdir=%s/s/work2", home,
                       home, home);
        ck_assert_int_eq(mount("overlay", at_home("s/top"), "overlay", 0, options), 0);
        bind("s/low", "s/bound");
        make_file(at_home("s/top/d/new"), "secret", 0644); /* in up2 */
        must_hold("s/top/d/token");
        must_hold("s/bound/d/token");
}

static int hide_below_overlays(void *context)
{
        (void)context;
        make_overlays();
        hide("s/top/d", NULL);
        must_be_hidden("s/top/d/token");
        must_be_hidden("s/top/d/new");
        must_be_hidden("s/up2/d/new");
        must_be_hidden("s/merged/d/token");
        must_be_hidden("s/low/d/token");
        must_be_hidden("s/bound/d/token");
        must_hold("s/top/open");
        must_hold("s/low/open");
        return 0;
}

static int hide_above_a_layer(void *context)
{
        (void)context;
        make_overlays();
        hide("s/low/d", NULL);
        must_be_hidden("s/low/d/token");
        must_be_hidden("s/bound/d/token");
        must_be_hidden("s/merged/d/token");
        must_be_hidden("s/top/d/token");
        must_hold("s/merged/open");
        must_hold("s/top/open");
        return 0;
}

static int hide_a_whole_layer(void *context)
{
        (void)context;
        make_overlays();
        hide("s/low", NULL);
        must_be_hidden("s/low/d/token");
        must_be_hidden("s/merged/d/token");
        must_be_hidden("s/merged/open");
        must_be_hidden("s/top/d/token");
        return 0;
}

START_TEST(layers_of_an_overlay_are_hidden)
{
        if (!is_root("layers_of_an_overlay_are_hidden"))
                return;
        ck_assert_int_eq(in_child(hide_below_overlays, NULL), 0);
        ck_assert_int_eq(in_child(hide_above_a_layer, NULL), 0);
        ck_assert_int_eq(in_child(hide_a_whole_layer, NULL), 0);
}
END_TEST

TEST_MAIN("confine/mask_overlay", home_make, home_remove, layers_of_an_overlay_are_hidden)
