/* SPDX-License-Identifier: GPL-2.0-or-later */
/* livepatch.h - what Linux adds to ELF for live patches (include/uapi/linux/elf.h, include/linux/livepatch.h) */
#ifndef ELFDIFF_LIVEPATCH_H
#define ELFDIFF_LIVEPATCH_H

#ifndef SHN_LIVEPATCH
#define SHN_LIVEPATCH 0xff20
#endif
#ifndef SHF_RELA_LIVEPATCH
#define SHF_RELA_LIVEPATCH 0x00100000
#endif

#endif
