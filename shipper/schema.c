#include "shipper/schema.h"

/* As sql/embed.c: the file is the only source; the path is seen from the repository's root. */
__asm__(".section .rodata\n"
        ".hidden schema_json\n"
        ".global schema_json\n"
        ".type schema_json, %object\n"
        ".balign 16\n"
        "schema_json:\n"
        ".incbin \"shipper/schema.json\"\n"
        ".byte 0\n"
        ".size schema_json, . - schema_json\n"
        ".previous\n");
