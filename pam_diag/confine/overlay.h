/* The directories that an overlay is made of.
 *
 * Linked by: pam_diag.so.
 *
 * Source: the kernel's overlayfs.rst and fs/overlayfs/params.c: `lowerdir=A:B::DATA`, `lowerdir+=A`, `datadir+=A`, `upperdir=A`; a
 * backslash stands before a colon, a comma or a backslash that belongs to a name.
 */
#pragma once

/* Pure. Appends every directory that the options of one overlay name, as far as they are absolute: one that was relative to its
 * mounter's working directory cannot be told any more. -ENOMEM only. */
int overlay_layers(const char *options, char ***layers);
