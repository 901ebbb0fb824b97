/* What diagctl can do: one function for each command.
 *
 * Linked by: diagctl.
 */
#pragma once

#include "pam_diag/ctl/command.h"

int log_run(const struct ctl_command *command, int argc, char **argv); /* log.c */
int sessions_run(const struct ctl_command *command, int argc, char **argv); /* sessions.c */
int session_show_run(const struct ctl_command *command, int argc, char **argv); /* session_show.c */
int session_kill_run(const struct ctl_command *command, int argc, char **argv); /* session_kill.c */
int key_init_run(const struct ctl_command *command, int argc, char **argv); /* key.c */
int verify_run(const struct ctl_command *command, int argc, char **argv); /* verify.c */
int prune_run(const struct ctl_command *command, int argc, char **argv); /* prune.c */
int snapshot_run(const struct ctl_command *command, int argc, char **argv); /* snapshot.c */
int status_run(const struct ctl_command *command, int argc, char **argv); /* status.c */
int policy_check_run(const struct ctl_command *command, int argc, char **argv); /* policy_check.c */
int policy_explain_run(const struct ctl_command *command, int argc, char **argv); /* policy_explain.c */
int policy_test_run(const struct ctl_command *command, int argc, char **argv); /* policy_test.c */
int policy_learn_run(const struct ctl_command *command, int argc, char **argv); /* policy_learn.c */
int policy_list_run(const struct ctl_command *command, int argc, char **argv); /* policy_list.c */
int doctor_run(const struct ctl_command *command, int argc, char **argv); /* doctor.c */
