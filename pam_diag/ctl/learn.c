#include "pam_diag/ctl/learn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/json.h"
#include "pam_diag/base/mem.h"
#include "pam_diag/ctl/show.h"

enum { EXAMPLE_MOST = 200, ASKER_MOST = 4096 };

void learn_group_clear(struct learn_group *group)
{
        free(group->subject);
        free(group->key);
        free(group->option.name);
        free(group->path);
        free(group->reason);
        shape_clear(&group->shape);
        strv_free(group->examples);
        strv_free(group->askers);
        *group = (struct learn_group){ 0 };
}

void learn_clear(struct learn *learn)
{
        for (size_t i = 0; i < learn->count; i++)
                learn_group_clear(&learn->groups[i]);
        free(learn->groups);
        learn->groups = NULL;
        learn->count = 0;
}

static struct learn_group *find_group(const struct learn *learn, const struct learn_group *like)
{
        for (size_t i = 0; i < learn->count; i++) {
                struct learn_group *group = &learn->groups[i];

                if (group->code == like->code && strcmp(group->subject, like->subject) == 0 &&
                    strcmp(group->key, like->key) == 0)
                        return group;
        }
        return NULL;
}

/* Takes *group over when it is a new one. NULL and no error when there is no room for it. */
static int place_group(struct learn *learn, struct learn_group *group, struct learn_group **ret_group)
{
        struct learn_group *known = find_group(learn, group);

        if (known != NULL) {
                known->count++;
                *ret_group = known;
                return known->shape.command == NULL ? 0 : shape_join(&known->shape, &group->shape);
        }
        *ret_group = NULL;
        if (learn->count == LEARN_GROUPS_MOST) {
                learn->left_out++;
                return 0;
        }
        if (learn->groups == NULL)
                learn->groups = calloc(LEARN_GROUPS_MOST, sizeof(*learn->groups));
        if (learn->groups == NULL)
                return -ENOMEM;
        *ret_group = &learn->groups[learn->count++];
        **ret_group = *group;
        *group = (struct learn_group){ 0 };
        return 0;
}

static void put_or(struct buf *buf, const char *text, const char *none)
{
        const char *shown = text != NULL ? text : none;

        show_put(buf, shown, strlen(shown));
}

static int add_asker(struct learn_group *group, const struct listing_denied *row)
{
        cleanup_buf struct buf text = BUF_INIT(ASKER_MOST);

        put_or(&text, row->user, "an unknown user");
        if (row->key != NULL) {
                buf_put_text(&text, " with ");
                put_or(&text, row->key, "");
        }
        buf_put_text(&text, " from ");
        put_or(&text, row->client, "an unknown address");
        if (text.error != 0)
                return text.error == -ENOMEM ? -ENOMEM : 0;
        if (strv_length(group->askers) < LEARN_ASKERS)
                return strv_append_once(&group->askers, text.data);
        for (size_t i = 0; group->askers[i] != NULL; i++)
                if (strcmp(group->askers[i], text.data) == 0)
                        return 0;
        group->more_askers++;
        return 0;
}

static int add_example(struct learn_group *group, const char *line, size_t length)
{
        cleanup_buf struct buf text = BUF_INIT((size_t)16 * EXAMPLE_MOST);

        if (strv_length(group->examples) == LEARN_EXAMPLES)
                return 0;
        show_put_quoted(&text, line, length < EXAMPLE_MOST ? length : EXAMPLE_MOST);
        if (length > EXAMPLE_MOST)
                buf_put_text(&text, " and more");
        return text.error != 0 ? text.error : strv_append_once(&group->examples, text.data);
}

int learn_take(struct learn *learn, const struct listing_denied *row)
{
        cleanup_free char *line = malloc(row->line_length + 1);
        struct learn_group judged = { 0 };
        struct learn_group *group = NULL;
        size_t length;
        int r;

        if (line == NULL)
                return -ENOMEM;
        if (row->line_length > 0)
                memcpy(line, row->line, row->line_length);
        length = json_restore_bytes(line, row->line_length);
        learn->rows++;
        r = learn_judge(learn, line, length, &judged);
        if (r == 0 && judged.count == 0)
                learn->allowed++;
        else if (r == 0)
                r = place_group(learn, &judged, &group);
        if (r == 0 && group != NULL) {
                group->last_us = row->time_us > group->last_us ? row->time_us : group->last_us;
                r = add_example(group, line, length);
                if (r == 0)
                        r = add_asker(group, row);
        }
        learn_group_clear(&judged);
        return r;
}
