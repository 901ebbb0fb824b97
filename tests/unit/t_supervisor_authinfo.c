/* supervisor/authinfo.c, against the real ssh-keygen. */
#include "tests/unit/t_help.h"

#include "pam_diag/supervisor/authinfo.h"

static const char ED25519[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE1hZGUgdXAgZm9yIHRoZSB0ZXN0cyBvZiBwYW1fZGlh";

/* Runs ssh-keygen and gives what it prints. */
static char *keygen(char *const argv[])
{
        char *output = NULL;
        size_t length;
        int ends[2];
        pid_t pid;

        ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                (void)dup2(ends[1], STDOUT_FILENO);
                execvp("ssh-keygen", argv);
                _exit(127);
        }
        fd_close(ends[1]);
        ck_assert_int_eq(fd_read_all(ends[0], 4096, &output, &length), 0);
        fd_close(ends[0]);
        ck_assert_msg(wait_for(pid) == 0, "ssh-keygen: %s", output);
        return output;
}

/* A new key of that type: the two words of its public half, and the fingerprint that ssh-keygen shows. */
static void make_key(const char *type, const char *bits, char **ret_words, char **ret_fingerprint)
{
        char program[] = "ssh-keygen";
        char file[128];
        char copy[2][16];
        char *make[] = { program, (char[]){ "-q" }, (char[]){ "-N" }, (char[]){ "" },   (char[]){ "-t" },
                         copy[0], (char[]){ "-b" }, copy[1],          (char[]){ "-f" }, file,
                         NULL };
        char *show[] = { program, (char[]){ "-lf" }, file, NULL };
        cleanup_free char *shown = NULL;
        cleanup_free char *made = NULL;
        char *public = NULL;
        char *at;
        size_t length;

        (void)snprintf(file, sizeof(file), "%s%s", at_home(type), bits);
        (void)snprintf(copy[0], sizeof(copy[0]), "%s", type);
        (void)snprintf(copy[1], sizeof(copy[1]), "%s", bits);
        made = keygen(make);
        shown = keygen(show);
        at = strstr(shown, "SHA256:");
        ck_assert_ptr_nonnull(at);
        *ret_fingerprint = strndup(at, strcspn(at, " \n"));
        (void)snprintf(file, sizeof(file), "%s%s.pub", at_home(type), bits);
        ck_assert_int_eq(fd_read_file(file, 4096, &public, &length), 0);
        *strrchr(public, ' ') = '\0'; /* the comment */
        *ret_words = public;
}

static void must_match_keygen(const char *type, const char *bits)
{
        cleanup_authinfo struct authinfo info = { 0 };
        cleanup_free char *words = NULL;
        cleanup_free char *fingerprint = NULL;
        char text[4096];

        make_key(type, bits, &words, &fingerprint);
        (void)snprintf(text, sizeof(text), "publickey %s\n", words);
        ck_assert_int_eq(authinfo_parse(text, &info), 0);
        ck_assert_str_eq(info.method, "publickey");
        ck_assert_uint_eq(strlen(info.key_type), strcspn(words, " "));
        ck_assert_int_eq(strncmp(info.key_type, words, strlen(info.key_type)), 0);
        ck_assert_pstr_eq(info.fingerprint, fingerprint);
}

/* Their sizes give base64 with no, one and two signs of padding. */
START_TEST(fingerprints_are_those_of_ssh_keygen)
{
        must_match_keygen("ed25519", "256");
        must_match_keygen("ecdsa", "256");
        must_match_keygen("ecdsa", "521");
        must_match_keygen("rsa", "1024");
        must_match_keygen("rsa", "2048");
}
END_TEST

/* What a certificate says may change; its key is the same one. */
static void must_be_its_key(const char *type, const char *bits)
{
        cleanup_authinfo struct authinfo info = { 0 };
        cleanup_free char *words = NULL;
        cleanup_free char *fingerprint = NULL;
        cleanup_free char *signed_key = NULL;
        cleanup_free char *nothing = NULL;
        char key[128], ca[128], file[160], text[8192];
        char *sign[] = { (char[]){ "ssh-keygen" }, (char[]){ "-q" }, (char[]){ "-s" },   ca,  (char[]){ "-I" },
                         (char[]){ "somebody" },   (char[]){ "-n" }, (char[]){ "diag" }, key, NULL };
        size_t length;

        make_key(type, bits, &words, &fingerprint);
        (void)snprintf(ca, sizeof(ca), "%s", at_home("ca256"));
        (void)snprintf(key, sizeof(key), "%s%s.pub", at_home(type), bits);
        nothing = keygen(sign);
        (void)snprintf(file, sizeof(file), "%s%s-cert.pub", at_home(type), bits);
        ck_assert_int_eq(fd_read_file(file, 8000, &signed_key, &length), 0);
        *strrchr(signed_key, ' ') = '\0';
        (void)snprintf(text, sizeof(text), "publickey %s\n", signed_key);
        ck_assert_int_eq(authinfo_parse(text, &info), 0);
        ck_assert_ptr_nonnull(strstr(info.key_type, "-cert-v01@openssh.com"));
        ck_assert_pstr_eq(info.fingerprint, fingerprint);
}

START_TEST(a_certificate_has_the_fingerprint_of_its_key)
{
        cleanup_free char *words = NULL;
        cleanup_free char *fingerprint = NULL;
        char *ca[] = { (char[]){ "ssh-keygen" },
                       (char[]){ "-q" },
                       (char[]){ "-N" },
                       (char[]){ "" },
                       (char[]){ "-t" },
                       (char[]){ "ed25519" },
                       (char[]){ "-f" },
                       NULL,
                       NULL };
        char file[128];

        (void)snprintf(file, sizeof(file), "%s", at_home("ca256"));
        ca[7] = file;
        words = keygen(ca);
        must_be_its_key("ed25519", "256");
        must_be_its_key("ecdsa", "521");
        must_be_its_key("rsa", "2048");
}
END_TEST

/* Cut anywhere, it is no certificate, and nothing is read past its end (the sanitizers watch). */
START_TEST(a_broken_certificate_has_none)
{
        static const char *const bad[] = { "AAAA", "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t",
                                           "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAAUEAAAAg",
                                           "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t/////////////w==",
                                           "AAAAIHNzaC1lZDI1NTE4LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAAUEAAAABQQ==" };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                cleanup_authinfo struct authinfo info = { 0 };
                char text[256];

                (void)snprintf(text, sizeof(text), "publickey ssh-ed25519-cert-v01@openssh.com %s\n", bad[i]);
                ck_assert_int_eq(authinfo_parse(text, &info), 0);
                ck_assert_str_eq(info.key_type, "ssh-ed25519-cert-v01@openssh.com");
                ck_assert_ptr_null(info.fingerprint);
        }
}
END_TEST

static void parse(const char *text, struct authinfo *info)
{
        ck_assert_int_eq(authinfo_parse(text, info), 0);
}

START_TEST(no_text_gives_nothing)
{
        static const char *const none[] = { NULL, "", "\n", "\n\n\n" };

        for (size_t i = 0; i < 4; i++) {
                cleanup_authinfo struct authinfo info = { 0 };

                parse(none[i], &info);
                ck_assert_ptr_null(info.method);
                ck_assert_ptr_null(info.key_type);
                ck_assert_ptr_null(info.fingerprint);
        }
}
END_TEST

START_TEST(a_method_without_a_key_is_a_method)
{
        cleanup_authinfo struct authinfo info = { 0 };

        parse("keyboard-interactive/pam", &info);
        ck_assert_str_eq(info.method, "keyboard-interactive/pam");
        ck_assert_ptr_null(info.key_type);
        ck_assert_ptr_null(info.fingerprint);
}
END_TEST

/* The lines of `text`, with %s for the fixed key. */
static void must_choose(const char *format, const char *method, bool key)
{
        cleanup_authinfo struct authinfo info = { 0 };
        char text[4096] = "";

        for (const char *c = format; *c != '\0'; c++)
                if (*c == '@')
                        strcat(text, ED25519);
                else
                        strncat(text, c, 1);
        parse(text, &info);
        ck_assert_pstr_eq(info.method, method);
        ck_assert_msg((info.fingerprint != NULL) == key, "%s", text);
}

START_TEST(the_last_method_counts_and_a_key_before_it)
{
        must_choose("password\nkeyboard-interactive\n", "keyboard-interactive", false);
        must_choose("publickey @\npassword\n", "publickey", true);
        must_choose("password\npublickey @\n", "publickey", true);
        must_choose("password\n\npublickey @", "publickey", true);
        must_choose("hostbased @\npublickey @\npassword", "publickey", true);
        must_choose("publickey @\nhostbased @", "hostbased", true);
        must_choose("publickey @\npublickey x !!!!\n", "publickey", true);
}
END_TEST

START_TEST(the_key_that_counts_is_the_last)
{
        cleanup_authinfo struct authinfo info = { 0 };
        cleanup_authinfo struct authinfo alone = { 0 };
        char text[512];

        (void)snprintf(text, sizeof(text), "publickey ssh-rsa AAAA\npublickey %s\n", ED25519);
        parse(text, &info);
        (void)snprintf(text, sizeof(text), "publickey %s", ED25519);
        parse(text, &alone);
        ck_assert_str_eq(info.key_type, "ssh-ed25519");
        ck_assert_str_eq(info.fingerprint, alone.fingerprint);
        ck_assert_int_eq(strncmp(info.fingerprint, "SHA256:", 7), 0);
        ck_assert_uint_eq(strlen(info.fingerprint), 50);
}
END_TEST

/* What is no base64 has no fingerprint: it is not made one. */
START_TEST(garbage_has_no_fingerprint)
{
        static const char *const garbage[] = {
                "publickey",
                "publickey ",
                "publickey ssh-rsa",
                "publickey ssh-rsa ",
                "publickey ssh-rsa A",
                "publickey ssh-rsa AAA",
                "publickey ssh-rsa !!!!",
                "publickey ssh-rsa AAA\x80",
                "publickey ssh-rsa AA-A",
                "publickey ssh-rsa \tAAA",
                " ",
                "  AAAA",
                "\xff\xfe",
                "publickey  AAAA",
                "publickey ssh-rsa ====",
                "publickey ssh-rsa A===",
                "publickey ssh-rsa AA=A",
                "publickey ssh-rsa AA==AAAA",
                "publickey ssh-rsa AAAA\t\t\t\t",
        };

        for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
                cleanup_authinfo struct authinfo info = { 0 };

                parse(garbage[i], &info);
                ck_assert_msg(info.fingerprint == NULL, "\"%s\": %s", garbage[i], info.fingerprint);
        }
}
END_TEST

START_TEST(huge_keys_are_left_out)
{
        cleanup_authinfo struct authinfo info = { 0 };
        size_t length = 64 * 1024 + 4;
        char *text = malloc(length + 32);
        int n = sprintf(text, "publickey ssh-rsa ");

        memset(text + n, 'A', length);
        text[(size_t)n + length] = '\0';
        parse(text, &info);
        ck_assert_str_eq(info.method, "publickey");
        ck_assert_ptr_null(info.fingerprint);
        free(text);
}
END_TEST

TEST_MAIN("supervisor/authinfo", home_make, home_remove, fingerprints_are_those_of_ssh_keygen,
          a_certificate_has_the_fingerprint_of_its_key, a_broken_certificate_has_none, no_text_gives_nothing,
          a_method_without_a_key_is_a_method, the_last_method_counts_and_a_key_before_it,
          the_key_that_counts_is_the_last, garbage_has_no_fingerprint, huge_keys_are_left_out)
