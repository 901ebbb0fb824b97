/* Loading in progress: the state that the files of this room share while a snapshot is made.
 *
 * Linked by: diag-supervisor, diagctl.
 */
#pragma once

#include <openssl/evp.h>

#include "pam_diag/policy/errors.h"
#include "pam_diag/policy/ini.h"
#include "pam_diag/policy/snapshot.h"
#include "pam_diag/policy/trust.h"

/* A command that [session] commands names. */
struct enabled {
        char *name;
        char *file;
        unsigned line;
        unsigned column;
};

enum load_section {
        SECTION_NONE,
        SECTION_SESSION,
        SECTION_PATHS,
        SECTION_HOSTS,
        SECTION_TYPES,
        SECTION_COMMAND,
        SECTION_KEY
};

struct load {
        struct policy *policy;
        struct policy_errors *errors;
        size_t errors_before; /* that the caller had already */
        struct trust_cache *cache;
        EVP_MD_CTX *digest;
        const char *profile; /* the command whose profile is being read, or NULL */
        enum load_section section;
        struct command *command; /* of SECTION_COMMAND */
        struct rule *rule;
        struct key *key; /* of SECTION_KEY */
        char **seen; /* keys of the present section, or of all [session] sections, that may stand only once */
        char **session_seen;
        struct enabled *enabled;
        size_t enabled_count;
        struct type_names types; /* those of a profile come last, and are dropped behind it */
};

#define LOAD_ERROR(load, item, where, ...) \
        policy_error((load)->errors, (item)->file, (item)->line, (where), __VA_ARGS__)

/* load_session.c: [session], [paths] and [hosts] */
int load_session_item(struct load *load, const struct ini_item *item);
int load_paths_item(struct load *load, const struct ini_item *item);
int load_hosts_item(struct load *load, const struct ini_item *item);
void load_defaults(struct load *load);
int load_session_finish(struct load *load); /* after the last policy file */

/* load_key.c: [key NAME] */
int load_key_section(struct load *load, const struct ini_item *item);
int load_key_item(struct load *load, const struct ini_item *item);
void load_keys_finish(struct load *load); /* once all rules are known */

/* load_command.c: [command NAME word…] */
int load_command_section(struct load *load, const struct ini_item *item);
int load_command_item(struct load *load, const struct ini_item *item);

/* load_grammar.c: the keys that make up the grammar */
int load_flag(struct load *load, const struct ini_item *item);
int load_option(struct load *load, const struct ini_item *item);
int load_operand(struct load *load, const struct ini_item *item);
int load_refuse(struct load *load, const struct ini_item *item);
int load_imply(struct load *load, const struct ini_item *item); /* load_words.c */
int load_letters(struct load *load, const struct ini_item *item);
int load_exclusive(struct load *load, const struct ini_item *item);
int load_require(struct load *load, const struct ini_item *item);

/* Is `name` free to be an option, a keyword or an operator of the rule? */
bool load_is_free(struct load *load, const struct ini_item *item, unsigned column, const char *name);
int load_add_option(struct load *load, struct option *option); /* takes it */

/* load_words.c: [types], and the keys for words without a dash */
int load_types_item(struct load *load, const struct ini_item *item);
void load_types_drop(struct load *load, size_t keep);
int load_word(struct load *load, const struct ini_item *item);
int load_operators(struct load *load, const struct ini_item *item);
int load_bare(struct load *load, const struct ini_item *item);
int load_lex(struct load *load, const struct ini_item *item);
int load_implicit(struct load *load, const struct ini_item *item);

/* load_finish.c: what can be checked only when all is read */
int load_finish(struct load *load);

/* load_check.c: grammars that cannot mean what they say */
void load_check_command(struct load *load, const struct command *command);

/* load_values.c: helpers for values. Each reports what is wrong at its place; -ENOMEM only. */
bool load_once(struct load *load, char ***seen, const struct ini_item *item);
int load_words(const struct ini_item *item, char ***strings);
int load_span(const struct ini_span *span, char ***strings);
int load_text(const struct ini_item *item, char **ret_text);
int load_patterns(struct load *load, const struct ini_item *item, char ***patterns);
int load_type(struct load *load, const struct ini_item *item, const char *text, struct type **ret_type);
bool load_limit(struct load *load, const struct ini_item *item, struct limits *limits);
/* The text behind the first ` : `, blanks skipped; the end of the value when there is none. *ret_left is where the
 * part before it ends. */
const char *load_colon(const struct ini_item *item, const char **ret_left);
/* Room for one more in an array of `count` elements. */
void *load_grow(void *array, size_t count, size_t size);
