#include "shipper/release.h"

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* The dynamic linker has written into what is only read otherwise: those pages would be lost. */
static bool has_text_relocations(const struct dl_phdr_info *object)
{
        for (size_t i = 0; i < object->dlpi_phnum; i++) {
                const ElfW(Phdr) *header = &object->dlpi_phdr[i];

                if (header->p_type != PT_DYNAMIC)
                        continue;
                for (const ElfW(Dyn) *at = (const ElfW(Dyn) *)(object->dlpi_addr + header->p_vaddr);
                     at->d_tag != DT_NULL; at++)
                        if (at->d_tag == DT_TEXTREL || (at->d_tag == DT_FLAGS && (at->d_un.d_val & DF_TEXTREL) != 0))
                                return true;
        }
        return false;
}

/* Safe: these segments are never written to, so each page is as it is in the file, and comes from there again when it is needed. */
static int release(struct dl_phdr_info *object, size_t size, void *data)
{
        uintptr_t page = *(const uintptr_t *)data;

        (void)size;
        if (has_text_relocations(object))
                return 0;
        for (size_t i = 0; i < object->dlpi_phnum; i++) {
                const ElfW(Phdr) *header = &object->dlpi_phdr[i];
                uintptr_t begin = object->dlpi_addr + header->p_vaddr;
                uintptr_t end = begin + header->p_filesz;

                if (header->p_type != PT_LOAD || (header->p_flags & PF_W) != 0)
                        continue;
                begin -= begin % page;
                (void)madvise((void *)begin, end - begin, MADV_DONTNEED);
        }
        return 0;
}

void release_read_only(void)
{
        uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

        (void)dl_iterate_phdr(release, &page);
}
