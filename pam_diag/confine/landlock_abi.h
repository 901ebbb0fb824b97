/* Landlock's interface up to ABI 7, for C libraries whose kernel headers stop earlier (Debian 12: ABI 2).
 *
 * Source: landlock(7), Linux include/uapi/linux/landlock.h of 6.15; the numbers are ABI and never change.
 */
#pragma once

#include <stdint.h>

enum {
        LL_CREATE_RULESET_VERSION = 1U << 0,
        LL_RULE_PATH_BENEATH = 1,
};

#define LL_FS_EXECUTE (1ULL << 0)
#define LL_FS_WRITE_FILE (1ULL << 1)
#define LL_FS_READ_FILE (1ULL << 2)
#define LL_FS_READ_DIR (1ULL << 3)
#define LL_FS_TO_MAKE_SYM ((1ULL << 13) - 1) /* all of ABI 1: bits 0 to 12 */
#define LL_FS_REFER (1ULL << 13) /* ABI 2, Linux 5.19 */
#define LL_FS_TRUNCATE (1ULL << 14) /* ABI 3, Linux 6.2 */
#define LL_FS_IOCTL_DEV (1ULL << 15) /* ABI 5, Linux 6.10 */

#define LL_NET_BIND_TCP (1ULL << 0) /* ABI 4, Linux 6.7 */
#define LL_NET_CONNECT_TCP (1ULL << 1) /* ABI 4 */

#define LL_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0) /* ABI 6, Linux 6.12 */
#define LL_SCOPE_SIGNAL (1ULL << 1) /* ABI 6 */

struct ll_ruleset_attr {
        uint64_t handled_access_fs;
        uint64_t handled_access_net; /* ABI 4 */
        uint64_t scoped; /* ABI 6 */
};

struct ll_path_beneath_attr {
        uint64_t allowed_access;
        int32_t parent_fd;
} __attribute__((packed));
