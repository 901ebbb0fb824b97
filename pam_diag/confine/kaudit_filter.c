#include "pam_diag/confine/kaudit_filter.h"

#include "pam_diag/confine/bpf_load.h"
#include "pam_diag/confine/made.h"

int kaudit_filter_install(void)
{
        return bpf_load(made_kaudit, made_kaudit_size, 0);
}
