/* What `sshd -T` says, and what is right for a diag user.
 *
 * Linked by: diagctl.
 *
 * Pure. Source: sshd(8) -T, sshd_config(5), OpenSSH 9.2 and 10.0: one `keyword value` a line, keywords in lower case.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* All values of a keyword, in order (malloc, strv_free; NULL when there is none). -ENOMEM. */
int sshdconf_values(const char *text, const char *keyword, char ***ret_values);

/* The first name that a pattern of AcceptEnv lets a client set and that changes what a program does, or NULL. */
const char *sshdconf_dangerous(const char *pattern);

/* The first file of an AuthorizedKeysFile value that lies in the user's home: relative, by %h, or by its path (malloc); NULL when
 * there is none, also for "none". -ENOMEM. */
int sshdconf_keys_in_home(const char *value, const char *user, const char *home, char **ret_file);
