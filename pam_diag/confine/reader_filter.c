#include "pam_diag/confine/reader_filter.h"

#include "pam_diag/confine/bpf_load.h"
#include "pam_diag/confine/made.h"

int reader_filter_install(void)
{
        return bpf_load(made_reader, made_reader_size, 0);
}
