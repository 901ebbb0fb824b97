/* confine/mounts.c, in namespaces of its own. */
#include "tests/unit/t_confine_mounts.h"

#include <sys/shm.h>

enum { TABLE_MOST = 1024 * 1024 };

static bool has_word(const char *options, const char *word)
{
        size_t n = strlen(word);

        for (const char *at = options; (at = strstr(at, word)) != NULL; at += n)
                if ((at == options || at[-1] == ',') && (at[n] == ',' || at[n] == '\0'))
                        return true;
        return false;
}

static bool is_keeper(const char *point)
{
        return strcmp(point, "/run/utmp") == 0 || strcmp(point, "/var/log/wtmp") == 0 ||
               strcmp(point, "/var/log/lastlog") == 0;
}

/* One line of mountinfo(5): read-only and nosuid, or one of the few that must not be; nothing comes in or goes out. */
static void check_mount(const char *line)
{
        char fields[6][512];
        const char *at = line;
        size_t n;

        for (size_t i = 0; i < 6; i++, at += n + 1) {
                n = strcspn(at, " ");
                ck_assert_uint_lt(n, sizeof(fields[i]));
                memcpy(fields[i], at, n);
                fields[i][n] = '\0';
        }
        ck_assert_msg(has_word(fields[5], "nosuid"), "%s", line);
        ck_assert_msg(strncmp(at, "- ", 2) == 0, "takes part in propagation: %s", line);
        if (is_keeper(fields[4]))
                ck_assert_msg(has_word(fields[5], "noexec") && has_word(fields[5], "nodev"), "%s", line);
        else if (strcmp(fields[4], "/dev/pts") != 0 || strstr(line, "ptmxmode=666") == NULL)
                ck_assert_msg(has_word(fields[5], "ro"), "%s", line);
}

static void check_table(void)
{
        cleanup_free char *table = NULL;
        size_t length;
        size_t lines = 0;

        ck_assert_int_eq(fd_read_file("/proc/self/mountinfo", TABLE_MOST, &table, &length), 0);
        for (char *line = table; *line != '\0'; lines++) {
                char *end = strchrnul(line, '\n');

                *end = '\0';
                check_mount(line);
                line = end + 1;
        }
        ck_assert_uint_gt(lines, 2);
}

static int isolate_all(void *context)
{
        (void)context;
        own_tree();
        make_directory(at_home("deep"));
        ck_assert_int_eq(mount("tmpfs", at_home("deep"), "tmpfs", MS_NOEXEC, NULL), 0);
        make_file(at_home("deep/file"), "text", 0666);
        must_isolate();
        check_table();
        ck_assert_int_eq(try_open(at_home("deep/file"), O_RDONLY), 0);
        ck_assert_int_eq(try_open(at_home("deep/file"), O_WRONLY), -EROFS);
        ck_assert_int_eq(try_open(at_home("deep/new"), O_WRONLY | O_CREAT), -EROFS);
        ck_assert_int_eq(try_open(at_home("new"), O_WRONLY | O_CREAT), -EROFS);
        ck_assert_int_eq(try_open("/new", O_WRONLY | O_CREAT), -EROFS);
        ck_assert_int_eq(try_open("/dev/shm/new", O_WRONLY | O_CREAT), -EROFS);
        ck_assert(mkdir("/etc/new", 0755) < 0 && errno == EROFS);
        /* A device on a read-only mount can be used. */
        ck_assert_int_eq(try_open("/dev/null", O_RDWR), 0);
        return 0;
}

START_TEST(the_whole_tree_is_read_only)
{
        if (is_root("the_whole_tree_is_read_only"))
                ck_assert_int_eq(in_child(isolate_all, NULL), 0);
}
END_TEST

static int keep_login_records(void *context)
{
        (void)context;
        own_tree();
        ck_assert_int_eq(mount("tmpfs", "/run", "tmpfs", 0, NULL), 0);
        ck_assert_int_eq(mount("tmpfs", "/var/log", "tmpfs", 0, NULL), 0);
        make_file("/run/utmp", "", 0664);
        make_file("/var/log/wtmp", "", 0664);
        /* A link in place of lastlog is not followed: it would open up what it points at. */
        make_file(at_home("target"), "", 0666);
        ck_assert_int_eq(symlink(at_home("target"), "/var/log/lastlog"), 0);
        must_isolate();
        check_table();
        ck_assert_int_eq(try_open("/run/utmp", O_RDWR), 0);
        ck_assert_int_eq(try_open("/var/log/wtmp", O_WRONLY | O_APPEND), 0);
        ck_assert_int_eq(try_open("/var/log/lastlog", O_WRONLY), -EROFS);
        ck_assert_int_eq(try_open("/run/other", O_WRONLY | O_CREAT), -EROFS);
        ck_assert(unlink("/run/utmp") < 0);
        return 0;
}

START_TEST(login_records_stay_writable)
{
        if (is_root("login_records_stay_writable"))
                ck_assert_int_eq(in_child(keep_login_records, NULL), 0);
}
END_TEST

/* sshd has files open for writing, such as its log: that neither stops the sealing nor is it stopped. */
static int isolate_with_writer(void *context)
{
        int fd;

        (void)context;
        own_tree();
        fd = open(at_home("log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_ge(fd, 0);
        must_isolate();
        ck_assert_int_eq(write(fd, "x", 1), 1);
        ck_assert_int_eq(try_open(at_home("log"), O_WRONLY), -EROFS);
        fd_close(fd);
        return 0;
}

START_TEST(open_writers_are_no_hindrance)
{
        if (is_root("open_writers_are_no_hindrance"))
                ck_assert_int_eq(in_child(isolate_with_writer, NULL), 0);
}
END_TEST

static int isolate_terminals(void *context)
{
        struct stat before, after;

        (void)context;
        own_tree();
        ck_assert_int_eq(stat("/dev/pts", &before), 0);
        must_isolate();
        ck_assert_int_eq(stat("/dev/pts", &after), 0);
        ck_assert_uint_ne(before.st_dev, after.st_dev);
        /* The first terminal of an instance of its own is number 0. */
        ck_assert_int_eq(try_open("/dev/pts/0", O_RDWR | O_NOCTTY), -ENOENT);
        ck_assert_int_eq(try_open("/dev/pts/ptmx", O_RDWR | O_NOCTTY), 0);
        return 0;
}

START_TEST(terminals_are_its_own)
{
        if (is_root("terminals_are_its_own"))
                ck_assert_int_eq(in_child(isolate_terminals, NULL), 0);
}
END_TEST

static int look_for_memory(void *context)
{
        const int *key = context;

        ck_assert_int_ge(shmget(*key, 4096, 0), 0);
        must_isolate();
        return shmget(*key, 4096, 0) < 0 && errno == ENOENT ? 0 : 1;
}

START_TEST(shared_memory_is_its_own)
{
        int key = 0x70000000 + getpid();
        int id;

        if (!is_root("shared_memory_is_its_own"))
                return;
        id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600);
        ck_assert_int_ge(id, 0);
        ck_assert_int_eq(in_child(look_for_memory, &key), 0);
        ck_assert_int_eq(shmctl(id, IPC_RMID, NULL), 0);
}
END_TEST

/* A host whose tree is shared mounts something after the session has begun. Returns what the session sees of it. */
static int mount_later(void *context)
{
        const bool *isolated = context;
        struct turns turns;
        pid_t pid;

        turns_make(&turns);
        own_tree();
        ck_assert_int_eq(mount(NULL, home, NULL, MS_SHARED, NULL), 0);
        make_directory(at_home("later"));
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                if (*isolated)
                        must_isolate();
                else
                        ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
                turn_give(turns.to_parent);
                turn_take(turns.to_child);
                _exit(-try_open(at_home("later/file"), O_RDONLY));
        }
        turn_take(turns.to_parent);
        ck_assert_int_eq(mount("tmpfs", at_home("later"), "tmpfs", 0, NULL), 0);
        make_file(at_home("later/file"), "secret", 0644);
        turn_give(turns.to_child);
        return wait_for(pid);
}

START_TEST(later_mounts_do_not_come_in)
{
        bool isolated = false;

        if (!is_root("later_mounts_do_not_come_in"))
                return;
        /* Without the isolation it does come in: the test sees what it looks for. */
        ck_assert_int_eq(in_child(mount_later, &isolated), 0);
        isolated = true;
        ck_assert_int_eq(in_child(mount_later, &isolated), ENOENT);
}
END_TEST

static size_t count_entries(const char *path)
{
        DIR *directory = opendir(path);
        size_t n = 0;

        ck_assert_ptr_nonnull(directory);
        while (readdir(directory) != NULL)
                n++;
        closedir(directory);
        return n - 2;
}

static int stock_and_finish(void *context)
{
        struct stat status;

        (void)context;
        must_isolate();
        (void)must_stock();
        ck_assert_int_eq(stat(MOUNTS_MASK_DIR, &status), 0);
        ck_assert_uint_eq(status.st_mode, S_IFDIR);
        ck_assert_int_eq(stat(MOUNTS_MASK_FILE, &status), 0);
        ck_assert_uint_eq(status.st_mode, S_IFREG);
        ck_assert_int_eq(status.st_size, 0);
        ck_assert(chmod(MOUNTS_MASK_FILE, 0644) < 0 && errno == EROFS);
        ck_assert_int_eq(try_open(MOUNTS_MASK_FILE, O_WRONLY), -EROFS);
        ck_assert_int_eq(try_open("/dev/shm/new", O_WRONLY | O_CREAT), -EROFS);
        must_step(mounts_finish);
        check_table();
        ck_assert_int_eq(stat(MOUNTS_EMPTY_DIR, &status), 0);
        ck_assert_uint_eq(status.st_mode, S_IFDIR | 0555);
        ck_assert_uint_eq(count_entries(MOUNTS_EMPTY_DIR), 0);
        ck_assert_int_eq(try_open("/dev/shm/new", O_WRONLY | O_CREAT), -EROFS);
        return 0;
}

START_TEST(the_stock_is_closed_and_then_covered)
{
        if (is_root("the_stock_is_closed_and_then_covered"))
                ck_assert_int_eq(in_child(stock_and_finish, NULL), 0);
}
END_TEST

static int isolate_without_privilege(void *context)
{
        const char *where = NULL;
        dev_t masks = 0;

        (void)context;
        if (geteuid() == 0)
                ck_assert_int_eq(setresuid(65534, 65534, 65534), 0);
        ck_assert_int_eq(mounts_isolate(&where), -EPERM);
        ck_assert_ptr_nonnull(strstr(where, "namespace"));
        ck_assert_int_eq(mounts_stock(&where, &masks), -EPERM);
        ck_assert_ptr_nonnull(strstr(where, "masks"));
        ck_assert_int_eq(mounts_finish(&where), -EPERM);
        ck_assert_ptr_nonnull(strstr(where, "/dev/shm"));
        return 0;
}

START_TEST(a_failure_names_its_step)
{
        ck_assert_int_eq(in_child(isolate_without_privilege, NULL), 0);
}
END_TEST

static int count_after(void *context)
{
        size_t before = count_fds();

        (void)context;
        must_isolate();
        (void)must_stock();
        must_step(mounts_finish);
        return count_fds() == before ? 0 : 1;
}

START_TEST(no_descriptor_is_left)
{
        if (is_root("no_descriptor_is_left"))
                ck_assert_int_eq(in_child(count_after, NULL), 0);
}
END_TEST

TEST_MAIN("confine/mounts", home_make, home_remove, the_whole_tree_is_read_only, login_records_stay_writable,
          open_writers_are_no_hindrance, terminals_are_its_own, shared_memory_is_its_own, later_mounts_do_not_come_in,
          the_stock_is_closed_and_then_covered, a_failure_names_its_step, no_descriptor_is_left)
