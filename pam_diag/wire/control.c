#include "pam_diag/wire/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/wire/message.h"
#include "pam_diag/wire/pack.h"

void control_open_free(struct control_open *open)
{
        free(open->user);
        free(open->service);
        free(open->client);
        free(open->tty);
        free(open->auth_info);
        free(open->policy);
        free(open->db);
        free(open->shell);
        *open = (struct control_open){ 0 };
}

void control_open_pack(const struct control_open *open, struct buf *buf)
{
        pack_text(buf, open->user);
        pack_u32(buf, open->uid);
        pack_u32(buf, open->gid);
        pack_text(buf, open->service);
        pack_text(buf, open->client);
        pack_text(buf, open->tty);
        pack_text(buf, open->auth_info);
        pack_text(buf, open->policy);
        pack_text(buf, open->db);
        pack_text(buf, open->shell);
}

int control_open_unpack(const char *data, size_t length, struct control_open *ret_open)
{
        struct unpack unpack = UNPACK_INIT(data, length);
        cleanup_control_open struct control_open open = { 0 };

        open.user = unpack_text(&unpack);
        open.uid = unpack_u32(&unpack);
        open.gid = unpack_u32(&unpack);
        open.service = unpack_text(&unpack);
        open.client = unpack_text(&unpack);
        open.tty = unpack_text(&unpack);
        open.auth_info = unpack_text(&unpack);
        open.policy = unpack_text(&unpack);
        open.db = unpack_text(&unpack);
        open.shell = unpack_text(&unpack);
        if (!unpack_done(&unpack) || open.user == NULL || open.service == NULL || open.policy == NULL ||
            open.db == NULL || open.shell == NULL)
                return -EBADMSG;
        *ret_open = open;
        open = (struct control_open){ 0 };
        return 0;
}

void control_lists_free(struct control_lists *lists)
{
        for (size_t i = 0; i < CONTROL_LIST_COUNT; i++)
                strv_free(lists->lists[i]);
        *lists = (struct control_lists){ 0 };
}

static int send_part(int socket, enum control_list which, char *const *strings, size_t n)
{
        cleanup_buf struct buf body = BUF_INIT(MESSAGE_BODY_MOST);

        pack_u32(&body, (uint32_t)which);
        pack_u32(&body, (uint32_t)n);
        for (size_t i = 0; i < n; i++)
                pack_text(&body, strings[i]);
        return message_send(socket, CONTROL_ANSWER_LIST, &body, -1);
}

int control_list_send(int socket, enum control_list which, char *const *strings)
{
        size_t first = 0;
        size_t bytes = 0;

        for (size_t i = 0; strings != NULL && strings[i] != NULL; i++) {
                bytes += strlen(strings[i]) + sizeof(uint32_t);
                if (bytes >= CONTROL_LIST_PART) {
                        int r = send_part(socket, which, strings + first, i + 1 - first);

                        if (r < 0)
                                return r;
                        first = i + 1;
                        bytes = 0;
                }
        }
        return bytes == 0 ? 0 : send_part(socket, which, strings + first, strv_length(strings + first));
}

int control_list_unpack(const char *data, size_t length, struct control_lists *lists)
{
        struct unpack unpack = UNPACK_INIT(data, length);
        uint32_t which = unpack_u32(&unpack);
        cleanup_strv char **strings = unpack_strv(&unpack, CONTROL_LIST_MOST);
        char ***list;
        char **longer;
        size_t have, more;

        if (!unpack_done(&unpack) || which >= CONTROL_LIST_COUNT)
                return -EBADMSG;
        list = &lists->lists[which];
        have = strv_length(*list);
        more = strv_length(strings);
        if (have + more > CONTROL_LIST_MOST)
                return -E2BIG;
        longer = reallocarray(*list, have + more + 1, sizeof(*longer));
        if (longer == NULL)
                return -ENOMEM;
        /* The texts move over with their NULL; only the array that held them is left to free. */
        memcpy(longer + have, strings, (more + 1) * sizeof(*longer));
        strings[0] = NULL;
        *list = longer;
        return 0;
}
