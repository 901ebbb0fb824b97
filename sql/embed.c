#include "sql/embed.h"

/* The .sql file is the only source: what an operator reads is what the program runs. The paths are seen from the
 * repository's root, where the compiler is started; the Makefile names the files as prerequisites. */
#define EMBED(symbol, file)                          \
        __asm__(".section .rodata\n"                 \
                ".hidden " symbol "\n"               \
                ".global " symbol "\n"               \
                ".type " symbol ", %object\n"        \
                ".balign 16\n" symbol ":\n"          \
                ".incbin \"" file "\"\n"             \
                ".byte 0\n"                          \
                ".size " symbol ", . - " symbol "\n" \
                ".previous\n")

EMBED("sql_schema", "sql/schema.sql");
EMBED("sql_schema_2", "sql/schema-2.sql");
EMBED("sql_views", "sql/views.sql");
