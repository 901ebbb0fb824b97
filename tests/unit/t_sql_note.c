/* sql/note.c, note_scan.c: another implementation's keys and signatures, and notes found again in what others store. */
#include "sql/note_check.h"

#include "pam_diag/base/buf.h"
#include "tests/unit/sql_help.h"

#define UUID "d2d74791-4e58-426a-882d-99949b019125"
#define NAME "pam_diag/" UUID

/* The example of golang.org/x/mod/sumdb/note. */
#define GO_SIGNER "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
#define GO_VERIFIER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

START_TEST(keys_of_another_implementation)
{
        char verifier[NOTE_KEY_TEXT_SIZE];
        struct note_verifier parsed;

        ck_assert_int_eq(note_verifier_of(GO_SIGNER, verifier), 0);
        ck_assert_str_eq(verifier, GO_VERIFIER);
        ck_assert_int_eq(note_parse_verifier(GO_VERIFIER, &parsed), 0);
        ck_assert_str_eq(parsed.name, "PeterNeumann");
}
END_TEST

START_TEST(what_is_no_key)
{
        static const char *const wrong[] = {
                "",
                "PeterNeumann",
                "PeterNeumann+c74f20a3",
                "PeterNeumann+c74f20a3+",
                "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
                "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        };
        struct note_verifier verifier;
        char text[NOTE_KEY_TEXT_SIZE];

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                ck_assert_msg(note_parse_verifier(wrong[i], &verifier) == -EINVAL, "%s", wrong[i]);
                ck_assert_int_eq(note_verifier_of(wrong[i], text), -EINVAL);
        }
        ck_assert_int_eq(note_verifier_of("PRIVATE+KEY+" GO_VERIFIER, text), -EINVAL);
}
END_TEST

static char signer[NOTE_KEY_TEXT_SIZE];
static char verifier_text[NOTE_KEY_TEXT_SIZE];
static struct note_verifier verifier;
static char note_text[NOTE_TEXT_MOST];
static struct note note = { .name = NAME, .seq = 1234, .hash = { 1, 2, 3, 255 }, .time_us = 1764000000000000 };

static void sign(void)
{
        ck_assert_int_eq(note_make_key(NAME, signer, verifier_text), 0);
        ck_assert_int_eq(note_parse_verifier(verifier_text, &verifier), 0);
        ck_assert_int_eq(note_sign(&note, signer, note_text), 0);
}

static int count_found(void *context, const struct note_found *found)
{
        size_t *n = context;

        ck_assert_str_eq(found->note.name, NAME);
        ck_assert_int_eq(found->note.seq, note.seq);
        ck_assert_int_eq(found->note.time_us, note.time_us);
        ck_assert_int_eq(memcmp(found->note.hash, note.hash, sizeof(note.hash)), 0);
        ck_assert_int_eq(memcmp(found->id, verifier.id, sizeof(verifier.id)), 0);
        ck_assert(note_check(&found->note, found->signature, &verifier));
        (*n)++;
        return 0;
}

static size_t scan(const char *text, size_t length)
{
        size_t n = 0;

        ck_assert_int_eq(note_scan(text, length, NAME, count_found, &n), 0);
        return n;
}

START_TEST(the_form_of_a_note)
{
        char begin[256];

        sign();
        snprintf(begin, sizeof(begin),
                 NAME "\n1234\nAQID/wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\ntime 1764000000000000\n\n\u2014 " NAME
                      " ");
        ck_assert_msg(strncmp(note_text, begin, strlen(begin)) == 0, "%s", note_text);
        ck_assert_uint_eq(strlen(note_text), strlen(begin) + 92 + 1);
        ck_assert_uint_eq(scan(note_text, strlen(note_text)), 1);
}
END_TEST

/* openssl(1) finds the signature good, by the public key alone. */
START_TEST(another_program_checks_the_signature)
{
        static const unsigned char der[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
        char command[512];
        char body[NOTE_TEXT_MOST];
        FILE *file;

        sign();
        snprintf(command, sizeof(command), "%s/key", home);
        file = fopen(command, "we");
        fwrite(der, 1, sizeof(der), file);
        fwrite(verifier.public_key, 1, sizeof(verifier.public_key), file);
        fclose(file);
        snprintf(command, sizeof(command), "%s/body", home);
        file = fopen(command, "we");
        fwrite(body, 1, note_put_body(&note, body), file);
        fclose(file);
        snprintf(command, sizeof(command), "%s/blob", home);
        file = fopen(command, "we");
        fputs(strrchr(note_text, ' ') + 1, file);
        fclose(file);
        snprintf(command, sizeof(command),
                 "cd %s && base64 -d blob | tail -c 64 >sig && openssl pkeyutl -verify -pubin -keyform DER -inkey key "
                 "-rawin -in "
                 "body -sigfile sig >/dev/null",
                 home);
        ck_assert_int_eq(system(command), 0);
}
END_TEST

/* As JSON in JSON in JSON, with either way to write a line's end, the dash and the slash. */
static void escape(struct buf *to, const char *text, unsigned level, bool letters)
{
        char slashes[16] = "";

        memset(slashes, '\\', level);
        for (const char *c = text; *c != '\0'; c++)
                if (*c == '\n')
                        buf_printf(to, "%s%s", slashes, letters ? "n" : "u000a");
                else if (*c == '/' && letters && c - text > (long)sizeof(NAME) && strncmp(c, "/" UUID, 5) != 0)
                        buf_printf(to, "%s/", slashes);
                else if (strncmp(c, "\u2014", 3) == 0 && letters) {
                        buf_printf(to, "%su2014", slashes);
                        c += 2;
                } else
                        buf_put_char(to, *c);
}

START_TEST(notes_are_found_in_json)
{
        sign();
        for (unsigned level = 1; level <= 7; level += 2)
                for (int letters = 0; letters < 2; letters++) {
                        struct buf text = BUF_INIT(65536);

                        buf_put_text(&text, "{\"x\":\"" NAME "\",\"note\":\"");
                        escape(&text, note_text, level, letters != 0);
                        buf_put_text(&text, "\"}\n" NAME "\n{\"note\":\"");
                        escape(&text, note_text, level, letters != 0);
                        buf_put_text(&text, "\"}");
                        ck_assert_msg(scan(text.data, text.length) == 2, "level %u: %s", level, text.data);
                        buf_free(&text);
                }
}
END_TEST

static int count_good(void *context, const struct note_found *found)
{
        *(size_t *)context += memcmp(found->id, verifier.id, sizeof(verifier.id)) == 0 &&
                              note_check(&found->note, found->signature, &verifier);
        return 0;
}

START_TEST(a_changed_note_is_no_good)
{
        sign();
        size_t signed_length = strlen(note_text) - 1; /* the last line's end is not signed */

        for (size_t i = 0; i < signed_length; i++) {
                char text[NOTE_TEXT_MOST];
                size_t good = 0;

                memcpy(text, note_text, sizeof(text));
                text[i] ^= 1;
                ck_assert_int_eq(note_scan(text, strlen(text), NAME, count_good, &good), 0);
                ck_assert_msg(good == 0, "byte %zu: %s", i, text);
                ck_assert_int_eq(note_scan(note_text, i, NAME, count_good, &good), 0);
                ck_assert_msg(good == 0, "cut at %zu", i);
        }
}
END_TEST

START_TEST(another_name_is_not_signed)
{
        struct note other = note;

        sign();
        strcpy(other.name, "pam_diag/other");
        ck_assert_int_eq(note_sign(&other, signer, note_text), -EINVAL);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = {
                keys_of_another_implementation,       what_is_no_key,          the_form_of_a_note,
                another_program_checks_the_signature, notes_are_found_in_json, a_changed_note_is_no_good,
                another_name_is_not_signed,
        };

        return RUN_SUITE("sql/note", tests);
}
