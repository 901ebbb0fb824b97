/* How the session's user logged in: sshd's SSH_AUTH_INFO_0.
 *
 * Linked by: diag-supervisor.
 *
 * Source: sshd_config(5), ExposeAuthInfo, and auth2.c of OpenSSH: one line a method, "publickey TYPE BASE64", "password",
 * "keyboard-interactive/pam". The fingerprint is what `ssh-keygen -l` prints.
 */
#pragma once

struct authinfo {
        char *method;
        char *key_type; /* NULL unless by key or certificate */
        char *fingerprint; /* "SHA256:…" */
};

void authinfo_free(struct authinfo *info);
#define cleanup_authinfo __attribute__((cleanup(authinfo_free)))

/* Pure. The last successful method counts, a key before any other. A text that cannot be read gives an empty result, never an error: it
 * describes and decides nothing. -ENOMEM only. */
int authinfo_parse(const char *text, struct authinfo *ret_info);
