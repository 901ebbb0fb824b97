/* shipper/libcurl.c: the functions of the library, or one line that says what to do. */
#include "tests/unit/t_help.h"

#include "config.h"
#include "shipper/libcurl.h"

START_TEST(its_functions_are_there)
{
        struct libcurl libcurl = { 0 };
        struct fault fault = { 0 };
        CURL *curl;

        ck_assert_msg(libcurl_load(LIBCURL, "s", &libcurl, &fault) == 0, "%s", fault.text);
        ck_assert_int_eq(libcurl.global_init(CURL_GLOBAL_SSL), CURLE_OK);
        curl = libcurl.easy_init();
        ck_assert_ptr_nonnull(curl);
        ck_assert_int_eq(libcurl.easy_setopt(curl, CURLOPT_URL, "nothing://of.ours"), CURLE_OK);
        ck_assert_int_eq(libcurl.easy_perform(curl), CURLE_UNSUPPORTED_PROTOCOL);
        ck_assert_ptr_nonnull(strstr(libcurl.easy_strerror(CURLE_UNSUPPORTED_PROTOCOL), "protocol"));
        libcurl.easy_cleanup(curl);
        libcurl.slist_free_all(NULL);
        libcurl.global_cleanup();
}
END_TEST

static void must_fail(const char *library, const char *what)
{
        struct libcurl libcurl = { 0 };
        struct fault fault = { 0 };

        ck_assert_int_lt(libcurl_load(library, "central", &libcurl, &fault), 0);
        ck_assert_int_eq(fault.status, FAULT_CONFIG);
        ck_assert_msg(strstr(fault.text, library) != NULL && strstr(fault.text, what) != NULL, "%s", fault.text);
        ck_assert_ptr_nonnull(strstr(fault.text, "central: "));
        ck_assert(libcurl.easy_init == NULL && libcurl.slist_free_all == NULL);
}

START_TEST(without_it_nothing_is_loaded)
{
        must_fail("libnone-of-ours.so.0", "No such file");
        must_fail("libc.so.6", "curl_global_init"); /* another library of that name */
}
END_TEST

TEST_MAIN("shipper/libcurl", NULL, NULL, its_functions_are_there, without_it_nothing_is_loaded)
