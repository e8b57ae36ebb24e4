/*
 * core/elf.c - reads ELF headers. The dynamic linker maps what a header claims without looking at the file's size, so a
 * file that was cut off kills its host with SIGBUS; here it is refused first. It does not defend against a file made
 * to attack: whoever can write into a plugin directory runs code anyway.
 */
#include "core/elf.h"

#include "core/rule.h"

#include <neph/plugin.h>

#ifdef HAVE_ELF_H

#include <elf.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#define SEGMENTS_MAX 128
#define NOTES_MAX 256

typedef ElfW(Ehdr) elf_header;
typedef ElfW(Phdr) elf_segment;

typedef struct elf_file {
    int fd;
    uint64_t size;
    const char *path;
    nephi_error *error;
    elf_header header;
    elf_segment segments[SEGMENTS_MAX];
} elf_file;

/* libneph's own header, which the linker places: it knows the machine better than any table. */
extern const elf_header own_header __asm__("__ehdr_start")
    __attribute__((weak, visibility("hidden")));

static int read_at(const elf_file *file, void *out, size_t size, uint64_t offset)
{
    ssize_t got;
    if (offset > file->size || size > file->size - offset)
        return 0;
    got = pread(file->fd, out, size, (off_t)offset);
    return got >= 0 && (size_t)got == size;
}

static int refuse(const elf_file *file, const char *why)
{
    return nephi_fail_rule(file->error, NEPHI_RULE_PLUGIN_ELF, NEPH_PLUGIN, "%s %s", file->path,
                           why);
}

static int refuse_cut(const elf_file *file)
{
    return nephi_fail_rule(
        file->error, NEPHI_RULE_PLUGIN_WHOLE, NEPH_PLUGIN,
        "%s is cut off: its headers speak of more than its %llu bytes; install it again",
        file->path, (unsigned long long)file->size);
}

static int check_identity(const elf_file *file)
{
    const unsigned char *ident = file->header.e_ident;
    if (memcmp(ident, ELFMAG, SELFMAG) != 0)
        return refuse(file, "is no ELF shared object");
    if (ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32))
        return refuse(file,
                      sizeof(void *) == 8
                          ? "is not for 64-bit programs: install the package for this machine"
                          : "is not for 32-bit programs: install the package for this machine");
    if (ident[EI_DATA] != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB))
        return refuse(
            file, "is for machines of the other byte order: install the package for this machine");
    if (&own_header && file->header.e_machine != own_header.e_machine)
        return refuse(file, "is for another kind of machine: install the package for this machine");
    if (ident[EI_VERSION] != EV_CURRENT || file->header.e_version != EV_CURRENT)
        return refuse(file, "has an unknown version of ELF");
    if (file->header.e_type != ET_DYN)
        return refuse(file, "is an ELF file but no shared object");
    return 0;
}

static int read_header(elf_file *file)
{
    size_t known = file->size < sizeof file->header ? (size_t)file->size : sizeof file->header;
    memset(&file->header, 0, sizeof file->header);
    if (known < SELFMAG || !read_at(file, &file->header, known, 0))
        return refuse(file, "is no ELF shared object: it is too short");
    if (known < sizeof file->header && memcmp(file->header.e_ident, ELFMAG, SELFMAG) == 0)
        return refuse_cut(file);
    return check_identity(file);
}

static int read_segments(elf_file *file)
{
    const elf_header *header = &file->header;
    uint64_t sections = (uint64_t)header->e_shnum * header->e_shentsize;
    if (header->e_phentsize != sizeof(elf_segment) || header->e_phnum == 0 ||
        header->e_phnum > SEGMENTS_MAX)
        return refuse(file, "has no usable table of segments");
    if (!read_at(file, file->segments, header->e_phnum * sizeof(elf_segment), header->e_phoff))
        return refuse_cut(file);
    if (header->e_shoff &&
        (header->e_shoff > file->size || sections > file->size - header->e_shoff))
        return refuse_cut(file);
    return 0;
}

static int is_loaded(const elf_file *file, const elf_segment *segment)
{
    for (size_t i = 0; i < file->header.e_phnum; i++) {
        const elf_segment *load = &file->segments[i];
        if (load->p_type == PT_LOAD && segment->p_vaddr >= load->p_vaddr &&
            segment->p_vaddr - load->p_vaddr <= load->p_filesz &&
            segment->p_filesz <= load->p_filesz - (segment->p_vaddr - load->p_vaddr))
            return 1;
    }
    return 0;
}

static int check_segments(const elf_file *file)
{
    int loads = 0, dynamics = 0;
    for (size_t i = 0; i < file->header.e_phnum; i++) {
        const elf_segment *segment = &file->segments[i];
        if (segment->p_type == PT_NULL)
            continue;
        if (segment->p_offset > file->size || segment->p_filesz > file->size - segment->p_offset)
            return refuse_cut(file);
        if (segment->p_type == PT_LOAD &&
            (segment->p_filesz > segment->p_memsz || segment->p_memsz == 0))
            return refuse(file, "has a segment larger in the file than in memory");
        if (segment->p_type == PT_DYNAMIC && !is_loaded(file, segment))
            return refuse(file, "has its dynamic section outside what is loaded");
        loads += segment->p_type == PT_LOAD;
        dynamics += segment->p_type == PT_DYNAMIC;
    }
    return loads && dynamics == 1 ? 0 : refuse(file, "has nothing that can be loaded");
}

/* ---- notes */

static uint64_t padded(uint64_t size, uint64_t align)
{
    return (size + align - 1) & ~(align - 1);
}

/* The neph note among those of one segment. */
static void read_notes(const elf_file *file, const elf_segment *segment, nephi_elf_note *note)
{
    uint64_t align = segment->p_align == 8 ? 8 : 4;
    uint64_t at = 0, end = segment->p_filesz;
    for (int i = 0; i < NOTES_MAX && !note->is_there && end - at >= 12; i++) {
        ElfW(Nhdr) head;
        char owner[8];
        uint32_t words[2];
        uint64_t body, next;
        if (!read_at(file, &head, sizeof head, segment->p_offset + at))
            return;
        body = padded(sizeof head + (uint64_t)head.n_namesz, align);
        next = body + padded(head.n_descsz, align);
        if (next > end - at)
            return;
        if (head.n_type == NEPH_NOTE_TYPE && head.n_namesz == sizeof NEPH_NOTE_OWNER &&
            head.n_descsz >= sizeof words &&
            read_at(file, owner, sizeof NEPH_NOTE_OWNER, segment->p_offset + at + sizeof head) &&
            memcmp(owner, NEPH_NOTE_OWNER, sizeof NEPH_NOTE_OWNER) == 0 &&
            read_at(file, words, sizeof words, segment->p_offset + at + body)) {
            note->is_there = 1;
            note->abi_major = words[0];
            note->abi_minor = words[1];
        }
        at += next;
    }
}

int nephi_elf_read(int fd, int64_t size, const char *path, nephi_elf_note *note, nephi_error *error)
{
    elf_file file;
    int rc;
    file.fd = fd;
    file.size = size < 0 ? 0 : (uint64_t)size;
    file.path = path;
    file.error = error;
    memset(note, 0, sizeof *note);
    rc = read_header(&file);
    if (!rc)
        rc = read_segments(&file);
    if (!rc)
        rc = check_segments(&file);
    for (size_t i = 0; !rc && i < file.header.e_phnum; i++)
        if (file.segments[i].p_type == PT_NOTE)
            read_notes(&file, &file.segments[i], note);
    return rc;
}

int nephi_elf_has_notes(void)
{
    return 1;
}

#else

int nephi_elf_read(int fd, int64_t size, const char *path, nephi_elf_note *note, nephi_error *error)
{
    (void)fd, (void)size, (void)path, (void)error;
    note->is_there = note->abi_major = note->abi_minor = 0;
    return 0;
}

int nephi_elf_has_notes(void)
{
    return 0;
}

#endif
