#include "pam_diag/supervisor/notify.h"

#include <errno.h>

#include "pam_diag/supervisor/shells.h"

void notify_serve(struct session *session)
{
        struct notification notification;

        if (listener_receive(session->listener, &notification) < 0)
                return;
        /* A stage announces itself on the channel before it execs: that message is in the queue by now. */
        shells_serve(session);
        switch (notification.call) {
        case LISTENER_EXECVE:
        case LISTENER_EXECVEAT:
                exec_answer(session, &notification);
                break;
        case LISTENER_SOCKET:
                network_answer(session, &notification);
                break;
        case LISTENER_OTHER:
                (void)listener_refuse(session->listener, notification.id, EPERM);
                break;
        }
}
