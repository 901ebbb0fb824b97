/* The keys of a [sink] section that several types share.
 *
 * Linked by: diag-ship.
 */
#pragma once

#include "shipper/conf.h"

enum { CONF_KEYS_MOST = 32 };

/* The number of that key, or -1. */
int conf_key_find(const char *key);
unsigned conf_key_bit(int number); /* SINK_… */
bool conf_key_repeats(int number);

/* Stores the value. -EINVAL with what was expected in *ret_expected, -ENOMEM. */
int conf_key_read(int number, const char *value, struct sink_config *sink, const char **ret_expected);
