/* Where a rule's program lies and whether it may run.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include "pam_diag/policy/snapshot.h"

/* Looks up every command's program and helpers, and lists them with their loaders in policy->programs. What cannot run
 * gets command->problem instead, a sentence. -ENOMEM only. */
struct trust_cache;
int programs_find(struct policy *policy, struct trust_cache *cache);

/* The interpreter that an ELF file names. 0 and *ret_loader (malloc), NULL for a static program. -EINVAL and a reason
 * in *why ("is a script") when the file is no 64-bit little-endian ELF program that is well-formed. elf(5) */
int elf_loader(int fd, char **ret_loader, struct buf *why);
