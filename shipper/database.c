#include "shipper/database.h"

#include <errno.h>

int database_fault(int error, const struct auditdb_why *why, struct fault *fault)
{
        switch (error) {
        case -EBADMSG:
        case -EPROTO:
        case -ESTALE:
                return fault_set(fault, FAULT_DATA, "%s", why->text);
        case -EACCES:
        case -EROFS:
                return fault_set(fault, FAULT_CONFIG, "%s", why->text);
        default: /* a file that is not there yet, a busy or full disk */
                return fault_set(fault, FAULT_LATER, "%s", why->text);
        }
}
