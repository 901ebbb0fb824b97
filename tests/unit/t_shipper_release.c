/* shipper/release.c */
#include "tests/unit/t_help.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "config.h"

#include "pam_diag/base/mem.h"
#include "shipper/release.h"

/* kB of this process's memory that are pages of files. */
static long file_memory(void)
{
        cleanup_free char *text = NULL;
        const char *line;
        size_t length;

        ck_assert_int_eq(fd_read_file("/proc/self/status", 65536, &text, &length), 0);
        line = strstr(text, "RssFile:");
        ck_assert_ptr_nonnull(line);
        return strtol(line + strlen("RssFile:"), NULL, 10);
}

START_TEST(what_loading_used_is_given_back)
{
        void *library = dlopen(LIBCURL, RTLD_NOW);
        long before = file_memory();

        ck_assert_ptr_nonnull(library);
        release_read_only();
        ck_assert_int_lt(file_memory(), before - 500);
}
END_TEST

static const char constant[] = "a text among the constants";

START_TEST(what_was_there_is_there_again)
{
        cleanup_free char *before = strdup(constant);
        int (*compare)(const char *, const char *) = strcmp;

        release_read_only();
        ck_assert_int_eq(compare(constant, before), 0);
        ck_assert_str_eq(strerror(ENOENT), "No such file or directory");
}
END_TEST

/* TEXTREL is made by the build (tests/unit/textrel.s). */
START_TEST(code_that_was_relocated_stays)
{
        void *library = dlopen(TEXTREL, RTLD_NOW);
        uintptr_t *word;

        ck_assert_msg(library != NULL, "%s", dlerror());
        word = dlsym(library, "textrel_word");
        ck_assert_ptr_nonnull(word);
        ck_assert(*word == (uintptr_t)word);
        release_read_only();
        ck_assert(*word == (uintptr_t)word);
}
END_TEST

TEST_MAIN("shipper/release", NULL, NULL, what_loading_used_is_given_back, what_was_there_is_there_again,
          code_that_was_relocated_stays)
