/* Runs a program and takes what it prints.
 *
 * Linked by: diagctl.
 */
#pragma once

/* argv[0] is the absolute path of the program; its environment holds LC_ALL=C and a fixed PATH. It reads nothing, both its outputs
 * come back in *ret_text (malloc), its status (128 + signal when killed) in *ret_status. It ends after 20 s at the latest.
 * -errno; -EFBIG when it prints more than 1 MiB. */
int capture(char *const argv[], char **ret_text, int *ret_status);
