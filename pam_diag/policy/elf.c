#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pam_diag/base/mem.h"
#include "pam_diag/policy/program.h"

/* Nearly always the header, its segments and the interpreter's name lie in the first bytes: one read for all. */
enum { SEGMENTS_MOST = 128, HEAD = 1024 };

struct image {
        int fd;
        size_t length; /* of the head */
        char head[HEAD];
};

static int bad(struct buf *why, const char *what)
{
        buf_put_text(why, what);
        return -EINVAL;
}

/* All of it or nothing: what a file says about its own size is not believed. */
static bool read_at(const struct image *image, void *data, size_t length, uint64_t offset)
{
        size_t done = 0;

        if (offset > INT32_MAX)
                return false;
        if (length <= image->length && offset <= image->length - length) {
                memcpy(data, image->head + offset, length);
                return true;
        }
        while (done < length) {
                ssize_t n = pread(image->fd, (char *)data + done, length - done, (off_t)(offset + done));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return false;
                done += (size_t)n;
        }
        return true;
}

static int check_header(const struct image *image, Elf64_Ehdr *header, struct buf *why)
{
        static const unsigned char magic[] = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3 };
        char first[2] = { 0 };

        if (read_at(image, first, sizeof(first), 0) && first[0] == '#' && first[1] == '!')
                return bad(why, "is a script");
        if (!read_at(image, header, sizeof(*header), 0) || memcmp(header->e_ident, magic, sizeof(magic)) != 0)
                return bad(why, "is not an ELF program");
        if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
                return bad(why, "is not a 64-bit little-endian program");
        if (le16toh(header->e_machine) != EM_X86_64 && le16toh(header->e_machine) != EM_AARCH64)
                return bad(why, "is a program for another processor");
        if (le16toh(header->e_type) != ET_EXEC && le16toh(header->e_type) != ET_DYN)
                return bad(why, "is not a program");
        if (le16toh(header->e_phentsize) != sizeof(Elf64_Phdr) || le16toh(header->e_phnum) > SEGMENTS_MOST)
                return bad(why, "has a malformed ELF header");
        return 0;
}

static int read_path(const struct image *image, const Elf64_Phdr *segment, char **ret_loader, struct buf *why)
{
        uint64_t length = le64toh(segment->p_filesz);
        cleanup_free char *path = NULL;

        if (length < 2 || length > PATH_MAX)
                return bad(why, "names an ELF interpreter of impossible length");
        path = malloc(length);
        if (path == NULL)
                return -ENOMEM;
        if (!read_at(image, path, length, le64toh(segment->p_offset)) || path[length - 1] != '\0' || path[0] != '/')
                return bad(why, "names no ELF interpreter by an absolute path");
        *ret_loader = take_ptr(&path);
        return 0;
}

int elf_loader(int fd, char **ret_loader, struct buf *why)
{
        struct image image = { .fd = fd };
        ssize_t n = pread(fd, image.head, sizeof(image.head), 0);
        Elf64_Ehdr header;
        int r;

        /* Where that failed, what is wanted is read by itself, and the reason seen then. */
        image.length = n < 0 ? 0 : (size_t)n;
        r = check_header(&image, &header, why);
        if (r < 0)
                return r;
        for (unsigned i = 0; i < le16toh(header.e_phnum); i++) {
                Elf64_Phdr segment;
                uint64_t offset;

                if (__builtin_add_overflow(le64toh(header.e_phoff), (uint64_t)i * sizeof(segment), &offset) ||
                    !read_at(&image, &segment, sizeof(segment), offset))
                        return bad(why, "has a malformed ELF header");
                if (le32toh(segment.p_type) == PT_INTERP)
                        return read_path(&image, &segment, ret_loader, why);
        }
        *ret_loader = NULL;
        return 0;
}
