/* Runs a fuzz target over files, once each: replay FILE… */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "pam_diag/base/fd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MOST = 4 * 1024 * 1024 };

int main(int argc, char **argv)
{
        for (int i = 1; i < argc; i++) {
                cleanup_free char *data = NULL;
                size_t length;
                int r = fd_read_file(argv[i], INPUT_MOST, &data, &length);

                if (r < 0) {
                        (void)fprintf(stderr, "%s: %s\n", argv[i], strerror(-r));
                        return 1;
                }
                (void)LLVMFuzzerTestOneInput((const uint8_t *)data, length);
        }
        (void)printf("%d inputs\n", argc - 1);
        return argc > 1 ? 0 : 1;
}
