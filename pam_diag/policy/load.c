#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/fd.h"
#include "pam_diag/policy/load.h"
#include "pam_diag/policy/paths.h"
#include "pam_diag/policy/program.h"

enum { WHY_MOST = 8192, DROPINS_MOST = 1000 };

static int on_section(void *context, const struct ini_item *item)
{
        struct load *load = context;
        bool plain = item->words[1] == NULL;

        load->section = SECTION_NONE;
        if (strcmp(item->words[0], "command") == 0)
                return load_command_section(load, item);
        if (plain && strcmp(item->words[0], "types") == 0)
                load->section = SECTION_TYPES;
        else if (load->profile != NULL)
                LOAD_ERROR(load, item, item->column, "a profile holds [types] and [command %s …] only", load->profile);
        else if (strcmp(item->words[0], "key") == 0)
                return load_key_section(load, item);
        else if (plain && strcmp(item->words[0], "session") == 0)
                load->section = SECTION_SESSION;
        else if (plain && strcmp(item->words[0], "paths") == 0)
                load->section = SECTION_PATHS;
        else if (plain && strcmp(item->words[0], "hosts") == 0)
                load->section = SECTION_HOSTS;
        else
                LOAD_ERROR(load, item, item->column,
                           "unknown section [%s%s]; known: session, paths, hosts, types, key NAME, command NAME",
                           item->words[0], plain ? "" : " …");
        return 0;
}

static int on_item(void *context, const struct ini_item *item)
{
        struct load *load = context;

        switch (load->section) {
        case SECTION_SESSION:
                return load_session_item(load, item);
        case SECTION_PATHS:
                return load_paths_item(load, item);
        case SECTION_HOSTS:
                return load_hosts_item(load, item);
        case SECTION_TYPES:
                return load_types_item(load, item);
        case SECTION_KEY:
                return load_key_item(load, item);
        case SECTION_COMMAND:
                return load_command_item(load, item);
        default:
                return 0; /* the heading has been reported */
        }
}

static int digest_file(struct load *load, const char *path, const char *data, size_t length)
{
        cleanup_buf struct buf head = BUF_INIT(WHY_MOST);

        buf_printf(&head, "%s\n%zu\n", path, length);
        if (head.error != 0 || EVP_DigestUpdate(load->digest, head.data, head.length) != 1 ||
            EVP_DigestUpdate(load->digest, data, length) != 1)
                return -ENOMEM;
        return 0;
}

static int read_open_file(struct load *load, const char *path, int fd)
{
        const struct ini_handler handler = { .section = on_section, .item = on_item, .context = load };
        cleanup_free char *data = NULL;
        size_t length = 0;
        int r = fd_read_all(fd, INI_FILE_MOST, &data, &length);

        if (r == -EFBIG)
                policy_error(load->errors, path, 0, 0, "the file is larger than %d bytes", INI_FILE_MOST);
        else if (r < 0 && r != -ENOMEM)
                policy_error(load->errors, path, 0, 0, "cannot be read: %s", strerror(-r));
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        r = digest_file(load, path, data, length);
        load->section = SECTION_NONE;
        return r < 0 ? r : ini_parse(path, data, length, &handler, load->errors);
}

/* 0 also when errors were told; -errno when the file could not be had at all (told too, but for -ENOENT). */
static int read_file(struct load *load, const char *path)
{
        cleanup_buf struct buf why = BUF_INIT(WHY_MOST);
        cleanup_fd int fd = -1;
        int r = trust_open(load->cache, path, TRUST_FILE, &fd, NULL, &why);

        if (r == -ENOENT)
                return r;
        if (r < 0 && r != -ENOMEM)
                policy_error(load->errors, path, 0, 0, "%s", why.data == NULL ? strerror(-r) : why.data);
        return r < 0 ? r : read_open_file(load, path, fd);
}

/* --- policy.d ----------------------------------------------------------------------------------------------------- */

static int by_bytes(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_dropin(const char *name)
{
        size_t n = strlen(name);

        return name[0] != '.' && n > 5 && strcmp(name + n - 5, ".conf") == 0;
}

static int list_dropins(int fd, char ***names)
{
        DIR *directory = fdopendir(fd);
        const struct dirent *entry;
        int r = 0;

        if (directory == NULL) {
                r = -errno;
                fd_close(fd);
                return r;
        }
        while (r == 0 && (errno = 0, entry = readdir(directory)) != NULL)
                if (is_dropin(entry->d_name))
                        r = strv_append(names, entry->d_name);
        if (r == 0 && errno != 0)
                r = -errno;
        (void)closedir(directory);
        if (r == 0 && *names != NULL)
                qsort(*names, strv_length(*names), sizeof(char *), by_bytes);
        return r == 0 && strv_length(*names) > DROPINS_MOST ? -E2BIG : r;
}

static int read_dropins(struct load *load, const char *policy_path)
{
        cleanup_buf struct buf directory = BUF_INIT(WHY_MOST);
        cleanup_buf struct buf why = BUF_INIT(WHY_MOST);
        cleanup_strv char **names = NULL;
        int fd = -1;
        int r;

        buf_put(&directory, policy_path, (size_t)(strrchr(policy_path, '/') - policy_path));
        buf_put_text(&directory, "/policy.d");
        if (directory.error != 0)
                return directory.error;
        r = trust_open(load->cache, directory.data, TRUST_DIRECTORY, &fd, NULL, &why);
        if (r == -ENOENT)
                return 0;
        if (r == 0)
                r = list_dropins(fd, &names);
        if (r < 0 && r != -ENOMEM)
                policy_error(load->errors, directory.data, 0, 0, "%s", why.length > 0 ? why.data : strerror(-r));
        for (size_t i = 0; r == 0 && names != NULL && names[i] != NULL; i++) {
                cleanup_buf struct buf path = BUF_INIT(WHY_MOST);

                buf_printf(&path, "%s/%s", directory.data, names[i]);
                r = path.error != 0 ? path.error : read_file(load, path.data);
                /* A link to nothing: somebody meant a file to be here. */
                if (r == -ENOENT)
                        policy_error(load->errors, path.data, 0, 0, "%s", strerror(ENOENT));
                r = r == -ENOMEM ? r : 0;
        }
        return r == -ENOMEM ? r : 0;
}

/* --- profiles ----------------------------------------------------------------------------------------------------- */

static int read_profile(struct load *load, const struct enabled *enabled)
{
        cleanup_buf struct buf path = BUF_INIT(WHY_MOST);
        size_t before = load->policy->command_count;
        size_t errors = load->errors->count;
        size_t types = load->types.count;
        int r;

        buf_printf(&path, "%s/%s.conf", load->policy->profiles, enabled->name);
        if (path.error != 0)
                return path.error;
        load->profile = enabled->name;
        r = read_file(load, path.data);
        load->profile = NULL;
        load_types_drop(load, types);
        if (r == -ENOENT)
                policy_error(load->errors, enabled->file, enabled->line, enabled->column,
                             "command %s has no profile: %s does not exist", enabled->name, path.data);
        else if (r == 0 && load->policy->command_count == before && load->errors->count == errors)
                policy_error(load->errors, path.data, 0, 0, "there is no [command %s] in it", enabled->name);
        return r == -ENOMEM ? r : 0;
}

static int read_all(struct load *load, const char *path)
{
        int r = read_file(load, path);

        if (r < 0) {
                if (r == -ENOENT)
                        policy_error(load->errors, path, 0, 0, "%s", strerror(ENOENT));
                return r;
        }
        r = read_dropins(load, path);
        if (r == 0)
                r = load_session_finish(load);
        for (size_t i = 0; r == 0 && i < load->enabled_count; i++)
                r = read_profile(load, &load->enabled[i]);
        return r;
}

static int finish_digest(struct load *load)
{
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned length = 0;

        if (EVP_DigestFinal_ex(load->digest, digest, &length) != 1 || 2 * length != POLICY_SHA256_HEX)
                return -EIO;
        for (unsigned i = 0; i < length; i++) {
                load->policy->sha256[(size_t)2 * i] = "0123456789abcdef"[digest[i] >> 4];
                load->policy->sha256[(size_t)2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
        }
        return 0;
}

static int run(struct load *load, const char *path)
{
        int r;

        if (load->digest == NULL || EVP_DigestInit_ex(load->digest, EVP_sha256(), NULL) != 1)
                return -ENOMEM;
        load_defaults(load);
        r = read_all(load, path);
        if (r == 0)
                r = programs_find(load->policy, load->cache);
        if (r == 0)
                r = load_finish(load);
        if (r == 0)
                r = paths_resolve_denies(load->policy);
        if (r == 0)
                r = finish_digest(load);
        return r == 0 && load->errors->count > load->errors_before ? -EINVAL : r;
}

static void load_clear(struct load *load)
{
        EVP_MD_CTX_free(load->digest);
        trust_cache_free(load->cache);
        strv_free(load->seen);
        strv_free(load->session_seen);
        for (size_t i = 0; i < load->enabled_count; i++) {
                free(load->enabled[i].name);
                free(load->enabled[i].file);
        }
        free(load->enabled);
        load_types_drop(load, 0);
        free(load->types.list);
        policy_free(load->policy);
}

int policy_load(const char *path, enum policy_trust trust, struct policy_errors *errors, struct policy **ret_policy)
{
        struct load load = { .errors = errors, .errors_before = errors->count };
        cleanup_free char *whole = path[0] == '/' ? strdup(path) : NULL;
        int r;

        if (whole == NULL && path[0] != '/')
                whole = realpath(path, NULL);
        if (whole == NULL) {
                r = -errno;
                policy_error(errors, path, 0, 0, "%s", strerror(-r));
                return r;
        }
        load.policy = calloc(1, sizeof(*load.policy));
        load.digest = EVP_MD_CTX_new();
        load.cache = trust_cache_new(trust);
        r = load.policy == NULL || load.cache == NULL ? -ENOMEM : run(&load, whole);
        if (r < 0 && errors->count == load.errors_before)
                policy_error(errors, whole, 0, 0, "%s", strerror(-r));
        if (r == 0)
                *ret_policy = take_ptr(&load.policy);
        load_clear(&load);
        return r;
}
