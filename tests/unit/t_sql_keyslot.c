/* sql/keyslot.c, keyfile.c: what was written comes back, and nothing else is taken for it. */
#include "sql/keys.h"
#include "tests/unit/sql_keys_help.h"

static struct keyslot slot_of(int64_t seq)
{
        struct keyslot slot = { .seq = seq, .head_seq = 3, .head_boot_us = 4 };

        strcpy(slot.uuid, "d2d74791-4e58-426a-882d-99949b019125");
        for (size_t i = 0; i < sizeof(slot.key); i++)
                slot.key[i] = (unsigned char)(seq + (int64_t)i);
        return slot;
}

START_TEST(a_slot_comes_back)
{
        struct keyslot slot = slot_of(INT64_MAX);
        struct keyslot back = { .seq = 0 };
        unsigned char bytes[KEYSLOT_SIZE];

        ck_assert_int_eq(keyslot_print(&slot, bytes), 0);
        ck_assert_int_eq(keyslot_parse(bytes, &back), 0);
        ck_assert_str_eq(back.uuid, slot.uuid);
        ck_assert(back.seq == slot.seq && back.head_seq == 3 && back.head_boot_us == 4);
        ck_assert_int_eq(memcmp(back.key, slot.key, sizeof(back.key)), 0);
}
END_TEST

/* Every bit of it counts, and what a torn write leaves is no slot. */
START_TEST(nothing_else_is_a_slot)
{
        struct keyslot slot = slot_of(9);
        struct keyslot back = { .seq = 77 };
        unsigned char bytes[KEYSLOT_SIZE];
        unsigned char torn[KEYSLOT_SIZE];

        ck_assert_int_eq(keyslot_print(&slot, bytes), 0);
        for (size_t bit = 0; bit < (size_t)136 * 8; bit++) {
                memcpy(torn, bytes, sizeof(torn));
                torn[bit / 8] ^= (unsigned char)(1U << bit % 8);
                ck_assert_msg(keyslot_parse(torn, &back) == -EBADMSG, "bit %zu", bit);
        }
        memset(torn, 0, sizeof(torn));
        ck_assert_int_eq(keyslot_parse(torn, &back), -EBADMSG);
        slot.seq = 0;
        ck_assert_int_eq(keyslot_print(&slot, bytes), 0);
        ck_assert_int_eq(keyslot_parse(bytes, &back), -EBADMSG);
        ck_assert_int_eq(back.seq, 77);
}
END_TEST

START_TEST(the_newest_whole_slot_counts)
{
        int fd = open(db_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        struct keyslot slot = slot_of(5);
        struct keyslot back = { .seq = 0 };
        unsigned newest = 9;

        ck_assert_int_eq(keyfile_read(fd, &back, &newest), -EBADMSG);
        ck_assert_int_eq(keyfile_write(fd, &slot, 1), 0);
        ck_assert_int_eq(keyfile_read(fd, &back, &newest), 0);
        ck_assert(back.seq == 5 && newest == 1);
        slot = slot_of(6);
        ck_assert_int_eq(keyfile_write(fd, &slot, 0), 0);
        ck_assert_int_eq(keyfile_read(fd, &back, &newest), 0);
        ck_assert(back.seq == 6 && newest == 0);
        ck_assert_int_eq(pwrite(fd, "torn", 4, 60), 4);
        ck_assert_int_eq(keyfile_read(fd, &back, &newest), 0);
        ck_assert(back.seq == 5 && newest == 1);
        close(fd);
}
END_TEST

START_TEST(only_a_private_file_is_opened)
{
        int fd = -1;

        ck_assert_int_eq(keyfile_open(db_path, O_RDONLY, &fd), -ENOENT);
        ck_assert_int_eq(keyfile_replace(db_path, "abc", 3), 0);
        ck_assert_int_eq(keyfile_open(db_path, O_RDONLY, &fd), 0);
        close(fd);
        ck_assert_int_eq(chmod(db_path, 0640), 0);
        ck_assert_int_eq(keyfile_open(db_path, O_RDONLY, &fd), -EACCES);
        ck_assert_int_eq(unlink(db_path), 0);
        ck_assert_int_eq(mkfifo(db_path, 0600), 0);
        ck_assert_int_eq(keyfile_open(db_path, O_RDONLY, &fd), -EBADMSG);
        ck_assert_int_eq(unlink(db_path), 0);
        ck_assert_int_eq(symlink("/etc/passwd", db_path), 0);
        ck_assert_int_eq(keyfile_open(db_path, O_RDONLY, &fd), -ELOOP);
}
END_TEST

/* The blocks of the old file hold no key when they are given back: a link keeps them for us to see. */
START_TEST(the_old_key_is_overwritten)
{
        char text[8] = "";
        int fd;

        ck_assert_int_eq(keyfile_replace(db_path, "secret", 6), 0);
        ck_assert_int_eq(link(db_path, beside("-link")), 0);
        ck_assert_int_eq(keyfile_replace(db_path, "newone", 6), 0);
        fd = open(beside("-link"), O_RDONLY | O_CLOEXEC);
        ck_assert_int_eq(read(fd, text, 6), 6);
        ck_assert_int_eq(memcmp(text, "\0\0\0\0\0\0", 6), 0);
        close(fd);
        fd = open(db_path, O_RDONLY | O_CLOEXEC);
        ck_assert_int_eq(read(fd, text, 6), 6);
        ck_assert_str_eq(text, "newone");
        close(fd);
}
END_TEST

int main(void)
{
        const TTest *const tests[] = { a_slot_comes_back, nothing_else_is_a_slot, the_newest_whole_slot_counts,
                                       only_a_private_file_is_opened, the_old_key_is_overwritten };

        return RUN_SUITE("sql/keyslot", tests);
}
