/* shipper/cursor.c, store.c: a cursor is whole, or it is none. */
#include "pam_diag/base/fd.h"
#include "pam_diag/base/mem.h"
#include "shipper/cursor.h"
#include "shipper/store.h"
#include "tests/unit/sql_help.h"

static const struct cursor example = {
        .uuid = "01234567-89ab-4def-8123-456789abcdef",
        .seq = 1234,
        .hash = { 1, 2, 3, 0xff },
};

START_TEST(comes_back_from_its_text)
{
        char text[CURSOR_TEXT_MOST];
        struct cursor again = { 0 };

        ck_assert_int_eq(cursor_print("jsonl:/x", &example, text), 0);
        ck_assert_int_eq(cursor_parse(text, strlen(text), "jsonl:/x", &again), 0);
        ck_assert_mem_eq(&again, &example, sizeof(again));
        ck_assert_int_eq(cursor_parse(text, strlen(text), "jsonl:/y", &again), -EBADMSG);
}
END_TEST

/* Every prefix, every byte changed, something behind: none is taken, and the output stays as it was. */
START_TEST(nothing_else_is_a_cursor)
{
        char text[CURSOR_TEXT_MOST];
        char wrong[CURSOR_TEXT_MOST];
        struct cursor again = { .seq = 77 };
        size_t length;

        ck_assert_int_eq(cursor_print("jsonl:/x", &example, text), 0);
        length = strlen(text);
        for (size_t i = 0; i < length; i++) {
                memcpy(wrong, text, i);
                wrong[i] = '\0';
                ck_assert_int_eq(cursor_parse(wrong, i, "jsonl:/x", &again), -EBADMSG);
                for (int bit = 0; bit < 8; bit++) {
                        memcpy(wrong, text, length + 1);
                        wrong[i] = (char)(wrong[i] ^ (1 << bit));
                        ck_assert_int_eq(cursor_parse(wrong, length, "jsonl:/x", &again), -EBADMSG);
                }
        }
        memcpy(wrong, text, length);
        memcpy(wrong + length, "\n", 2);
        ck_assert_int_eq(cursor_parse(wrong, length + 1, "jsonl:/x", &again), -EBADMSG);
        ck_assert_int_eq(again.seq, 77);
}
END_TEST

START_TEST(is_stored_and_loaded)
{
        struct fault fault = { 0 };
        struct cursor again = { .seq = 5 };
        int directory = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char name[256];

        ck_assert_int_eq(cursor_load(directory, "c", "jsonl:/x", &again, &fault), 0);
        ck_assert_int_eq(again.seq, 0);
        ck_assert_int_eq(cursor_save(directory, "c", "jsonl:/x", &example, &fault), 0);
        ck_assert_int_eq(cursor_load(directory, "c", "jsonl:/x", &again, &fault), 0);
        ck_assert_mem_eq(&again, &example, sizeof(again));
        snprintf(name, sizeof(name), "%s/c.new", home);
        ck_assert_int_lt(access(name, F_OK), 0);
        ck_assert_int_lt(cursor_load(directory, "c", "jsonl:/other", &again, &fault), 0);
        ck_assert_int_eq(fault.status, FAULT_DATA);
        ck_assert_ptr_nonnull(strstr(fault.text, "damaged"));
        /* A link is not followed. */
        ck_assert_int_eq(symlinkat("c", directory, "d"), 0);
        ck_assert_int_lt(cursor_load(directory, "d", "jsonl:/x", &again, &fault), 0);
        ck_assert_int_eq(fault.status, FAULT_CONFIG);
        close(directory);
}
END_TEST

static ino_t inode_of(int directory, const char *name)
{
        struct stat info;

        ck_assert_int_eq(fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW), 0);
        return info.st_ino;
}

static void must_hold(int directory, const char *name, const char *text)
{
        cleanup_fd int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
        cleanup_free char *found = NULL;
        size_t length = 0;

        ck_assert_int_eq(fd_read_all(fd, CURSOR_TEXT_MOST, &found, &length), 0);
        ck_assert_uint_eq(length, strlen(text));
        ck_assert_mem_eq(found, text, length);
}

START_TEST(is_overwritten_as_a_whole)
{
        int directory = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char page[STORE_OVERWRITE_MOST + 2];
        ino_t first;

        memset(page, 'x', sizeof(page) - 1);
        page[sizeof(page) - 1] = '\0';
        ck_assert_int_eq(store_overwrite(directory, "r", "one", 3), 0);
        first = inode_of(directory, "r");
        ck_assert_int_eq(store_overwrite(directory, "r", "three", 5), 0);
        must_hold(directory, "r", "three");
        ck_assert_uint_eq(inode_of(directory, "r"), first);
        /* Nothing is left of a longer one, and no page is written without the other. */
        ck_assert_int_eq(store_overwrite(directory, "r", "two", 3), 0);
        must_hold(directory, "r", "two");
        ck_assert_uint_ne(inode_of(directory, "r"), first);
        first = inode_of(directory, "r");
        ck_assert_int_eq(store_overwrite(directory, "r", page, sizeof(page) - 1), 0);
        must_hold(directory, "r", page);
        ck_assert_uint_ne(inode_of(directory, "r"), first);
        close(directory);
}
END_TEST

START_TEST(nobody_elses_file_is_overwritten)
{
        int directory = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_eq(store_replace(directory, "other", "other", 5), 0);
        ck_assert_int_eq(linkat(directory, "other", directory, "hard", 0), 0);
        ck_assert_int_eq(symlinkat("other", directory, "soft"), 0);
        ck_assert_int_eq(mkfifoat(directory, "fifo", 0600), 0);
        for (size_t i = 0; i < 3; i++) {
                const char *name = (const char *[]){ "hard", "soft", "fifo" }[i];

                ck_assert_int_eq(store_overwrite(directory, name, "longer", 6), 0);
                must_hold(directory, name, "longer");
                must_hold(directory, "other", "other");
        }
        close(directory);
}
END_TEST

START_TEST(must_fit_the_database)
{
        struct auditdb *db = must_open(AUDITDB_WRITE);
        struct cursor cursor = { 0 };
        struct fault fault = { 0 };

        must_append(db, 1);
        ck_assert_int_eq(cursor_check(&cursor, "c", db, &fault), 0);
        ck_assert_str_eq(cursor.uuid, auditdb_uuid(db));
        cursor.seq = 1;
        ck_assert_int_lt(cursor_check(&cursor, "c", db, &fault), 0);
        ck_assert_int_eq(fault.status, FAULT_DATA);
        ck_assert_ptr_nonnull(strstr(fault.text, "another hash"));
        cursor.seq = 2;
        ck_assert_int_lt(cursor_check(&cursor, "c", db, &fault), 0);
        ck_assert_ptr_nonnull(strstr(fault.text, "is not there"));
        strcpy(cursor.uuid, example.uuid);
        ck_assert_int_lt(cursor_check(&cursor, "c", db, &fault), 0);
        ck_assert_ptr_nonnull(strstr(fault.text, "was replaced"));
        auditdb_free(db);
}
END_TEST

START_TEST(root_leaves_the_files_to_the_owner)
{
        struct fault fault = { 0 };
        struct stat info;
        int directory = -1;
        int lock = -1;
        char path[128];

        if (geteuid() != 0) {
                fprintf(stderr, "SKIP root_leaves_the_files_to_the_owner: not root\n");
                return;
        }
        ck_assert_int_eq(chown(home, 4242, 4243), 0);
        snprintf(path, sizeof(path), "%s/state", home);
        ck_assert_int_eq(store_open(path, &directory, &lock, &fault), 0);
        ck_assert_int_eq(cursor_save(directory, "c", "jsonl:/x", &example, &fault), 0);
        for (size_t i = 0; i < 3; i++) {
                ck_assert_int_eq(fstatat(directory, (const char *[]){ ".", "lock", "c" }[i], &info, 0), 0);
                ck_assert_uint_eq(info.st_uid, 4242);
                ck_assert_uint_eq(info.st_gid, 4243);
        }
        unlinkat(directory, "lock", 0);
        unlinkat(directory, "c", 0);
        rmdir(path);
        close(directory);
        close(lock);
}
END_TEST

START_TEST(one_run_at_a_time)
{
        struct fault fault = { 0 };
        int directory = -1;
        int lock = -1;
        int other = -1;
        int second = -1;
        char path[128];

        snprintf(path, sizeof(path), "%s/state", home);
        ck_assert_int_eq(store_open(path, &directory, &lock, &fault), 0);
        ck_assert_int_lt(store_open(path, &other, &second, &fault), 0);
        ck_assert_int_eq(fault.status, FAULT_LATER);
        ck_assert_int_eq(second, -1);
        close(lock);
        ck_assert_int_eq(store_open(path, &other, &second, &fault), 0);
        unlinkat(directory, "lock", 0);
        rmdir(path);
        close(directory);
        close(other);
        close(second);
        snprintf(path, sizeof(path), "%s/a/b", home);
        ck_assert_int_lt(store_open(path, &other, &second, &fault), 0);
        ck_assert_int_eq(fault.status, FAULT_CONFIG);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { comes_back_from_its_text,
                                       nothing_else_is_a_cursor,
                                       is_stored_and_loaded,
                                       is_overwritten_as_a_whole,
                                       nobody_elses_file_is_overwritten,
                                       must_fit_the_database,
                                       root_leaves_the_files_to_the_owner,
                                       one_run_at_a_time };

        return RUN_SUITE("shipper/cursor", tests);
}
