#include "sql/members.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS_KEPT = 256 * 1024 };

/* One "$.key…" of a path, up to its end or to " + ". */
static int add_part(struct members *members, size_t field, const char *path)
{
        struct members_part *part = &members->parts[members->part_count];

        if (members->part_count == MEMBERS_PARTS_MOST || strncmp(path, "$.", 2) != 0)
                return -EINVAL;
        part->key = path + 2;
        part->length = strcspn(part->key, ".[ ");
        part->rest = part->key + part->length;
        part->field = field;
        members->part_count++;
        members->needed[field]++;
        return part->length > 0 ? 0 : -EINVAL;
}

int members_init(struct members *members, const struct export_kind *kind)
{
        *members = (struct members){ .kind = kind };
        if (kind->count > EXPORT_FIELDS_MOST)
                return -EINVAL;
        for (size_t i = 0; i < kind->count; i++) {
                const char *path = kind->fields[i].path;

                while (path != NULL) {
                        const char *plus = strstr(path, " + ");

                        if (add_part(members, i, path) < 0)
                                return -EINVAL;
                        path = plus != NULL ? plus + 3 : NULL;
                }
        }
        return 0;
}

void members_texts_free(struct members_texts *texts)
{
        free(texts->data);
        *texts = (struct members_texts){ 0 };
}

void members_texts_shrink(struct members_texts *texts)
{
        if (texts->size > TEXTS_KEPT)
                members_texts_free(texts);
}

/* Every value fits, whatever the record is: so no text moves while others point to it. What is not used is never touched. */
static int make_room(struct members_texts *texts, size_t count, size_t length)
{
        size_t wanted = count * (length + 1);
        char *larger;

        if (wanted <= texts->size)
                return 0;
        larger = realloc(texts->data, wanted);
        if (larger == NULL)
                return -ENOMEM;
        texts->data = larger;
        texts->size = wanted;
        return 0;
}

static bool is_key(const struct recread_value *key, const char *name, size_t length)
{
        return key->length == length && memcmp(key->text, name, length) == 0;
}

/* ".name…" or "[0]…" of an object or array; false when there is none. */
static bool step_into(struct recread_value *value, const char **rest)
{
        struct recread read = recread_of(value->text, value->length);
        bool in_object = **rest == '.';
        const char *name = *rest + 1;
        size_t length = strcspn(name, ".[ ");
        struct recread_value key;
        bool first = true;

        if (value->kind != (in_object ? '{' : '[') || !recread_enter(&read, value->kind))
                return false;
        if (!in_object) { /* the first element is the only one that paths name */
                *rest += strlen("[0]");
                return recread_element(&read, &first) && recread_value(&read, value);
        }
        *rest = name + length;
        while (recread_key(&read, &first, &key)) {
                if (!recread_value(&read, value))
                        return false;
                if (is_key(&key, name, length))
                        return true;
        }
        return false;
}

/* Of the values while a record is read. */
struct taking {
        struct export_value *values;
        unsigned char got[EXPORT_FIELDS_MOST]; /* parts of each field */
        uint64_t seen; /* parts, as bits */
        char *to; /* where the next text goes */
};

static void take_text(struct taking *taking, struct export_value *value, const struct recread_value *from)
{
        value->text = taking->to;
        value->plain = from->kind == '"' && from->plain;
        if (from->kind == '"') {
                value->length = recread_text(from, taking->to);
        } else {
                memcpy(taking->to, from->text, from->length);
                value->length = from->length;
        }
        taking->to[value->length] = '\0';
        taking->to += value->length + 1;
        value->present = true;
}

static void take_part(const struct members *members, struct taking *taking, const struct members_part *part,
                      struct recread_value from)
{
        struct export_value *value = &taking->values[part->field];
        const char *rest = part->rest;
        int64_t number = 0;

        while (*rest == '.' || *rest == '[')
                if (!step_into(&from, &rest))
                        return;
        if (value->field->type != EXPORT_INTEGER) {
                if (from.kind == (value->field->type == EXPORT_LIST ? '[' : '"'))
                        take_text(taking, value, &from);
                return;
        }
        if (!recread_integer(&from, &number) || __builtin_add_overflow(value->integer, number, &number))
                return;
        value->integer = number;
        if (++taking->got[part->field] == members->needed[part->field])
                value->present = number >= value->field->least;
}

static uint64_t parts_of(const struct members *members, const struct recread_value *key)
{
        uint64_t parts = 0;

        for (size_t i = 0; i < members->part_count; i++)
                if (is_key(key, members->parts[i].key, members->parts[i].length))
                        parts |= UINT64_C(1) << i;
        return parts;
}

/* `from` is where the comma stands. */
static void learn_key(struct members *members, const char *from, size_t length, uint64_t parts)
{
        struct members_key *key = &members->keys[members->key_count];

        if (members->key_count == MEMBERS_KEYS_MOST || length > sizeof(key->text))
                return;
        memcpy(key->text, from, length);
        key->length = length;
        key->parts = parts;
        members->key_count++;
}

/* The nth key of the record, up to its colon, and its parts. False behind the last. */
static bool next_key(struct members *members, struct recread *read, size_t n, uint64_t *ret_parts)
{
        const char *from = read->at;
        struct recread_value key;
        bool first = false;

        if (n < members->key_count && recread_skip(read, members->keys[n].text, members->keys[n].length)) {
                *ret_parts = members->keys[n].parts;
                return true;
        }
        if (!recread_key(read, &first, &key))
                return false;
        *ret_parts = parts_of(members, &key);
        if (n == members->key_count)
                learn_key(members, from, (size_t)(read->at - from), *ret_parts);
        return true;
}

static void take_member(const struct members *members, struct taking *taking, uint64_t parts,
                        const struct recread_value *value)
{
        parts &= ~taking->seen;
        taking->seen |= parts;
        for (; parts != 0; parts &= parts - 1)
                take_part(members, taking, &members->parts[__builtin_ctzll(parts)], *value);
}

int members_take(struct members *members, struct members_texts *texts, struct recread *read,
                 struct export_value *values)
{
        struct taking taking = { .values = values };
        struct recread_value value;
        uint64_t parts = 0;

        if (make_room(texts, members->kind->count, (size_t)(read->end - read->at)) < 0)
                return -ENOMEM;
        taking.to = texts->data;
        for (size_t i = 0; i < members->kind->count; i++)
                values[i] = (struct export_value){ .field = &members->kind->fields[i] };
        for (size_t n = 0; next_key(members, read, n, &parts); n++) {
                if (!recread_value(read, &value))
                        return -EBADMSG;
                take_member(members, &taking, parts, &value);
        }
        return recread_at_end(read) ? 0 : -EBADMSG;
}
