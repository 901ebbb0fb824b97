/* Takes out of a record the members that a table names.
 *
 * Linked by: diag-ship, diagctl; included by sql/ only.
 *
 * Pure, but for the memory of the texts.
 */
#pragma once

#include "sql/export.h"
#include "sql/recread.h"

enum { MEMBERS_PARTS_MOST = 2 * EXPORT_FIELDS_MOST, MEMBERS_KEYS_MOST = 32, MEMBERS_KEY_SIZE = 24 };

/* One member: most fields are made of one, some add up several. */
struct members_part {
        const char *key; /* in the record itself */
        size_t length;
        const char *rest; /* the way from there on: "", ".name", "[0].name" */
        size_t field;
};

/* A key as it stood in the first record of the kind, with the comma, the quotation marks and the colon around it, and which parts begin with
 * it, as bits. Records of a kind have the same keys in the same order: so the next key need not be read and looked up, only compared. */
struct members_key {
        char text[MEMBERS_KEY_SIZE];
        size_t length;
        uint64_t parts;
};

struct members {
        const struct export_kind *kind;
        struct members_part parts[MEMBERS_PARTS_MOST];
        size_t part_count;
        struct members_key keys[MEMBERS_KEYS_MOST];
        size_t key_count;
        unsigned char needed[EXPORT_FIELDS_MOST]; /* parts of each field */
};

/* What the values of one record point to, until the next is read into it. */
struct members_texts {
        char *data;
        size_t size;
};
void members_texts_free(struct members_texts *texts);

/* Gives back the memory that a giant record needed. The values of the last record are gone then. */
void members_texts_shrink(struct members_texts *texts);

/* Reads the paths of a kind. 0, or -EINVAL. */
int members_init(struct members *members, const struct export_kind *kind);

/* The rest of a record behind its beginning, to its end: kind->count values. 0, -ENOMEM, or -EBADMSG when it is no record. Of a member that
 * stands there twice, the first counts; one of another type than its field has is not present. */
int members_take(struct members *members, struct members_texts *texts, struct recread *read,
                 struct export_value *values);
