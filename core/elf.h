/*
 * core/elf.h - what a shared object's headers say, read with plain reads before anything of it is mapped or run.
 */
#ifndef NEPHI_ELF_H
#define NEPHI_ELF_H

#include "core/error.h"

/* A plugin's ABI note; see NEPH_PLUGIN_NOTE in neph/plugin.h. */
typedef struct nephi_elf_note {
    uint32_t is_there;
    uint32_t abi_major;
    uint32_t abi_minor;
} nephi_elf_note;

/* Checks that fd (of size bytes) is a shared object for this machine and whole; reads the note. NEPH_PLUGIN with a rule
 * and a message that begins with path. Where there is no ELF nothing is checked and no note is there. */
int nephi_elf_read(int fd, int64_t size, const char *path, nephi_elf_note *note,
                   nephi_error *error);
/* 1: plugins of this platform have notes. */
int nephi_elf_has_notes(void);

#endif
