/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prepare.h - what the command line says, handed to a run */
#ifndef CREATE_DIFF_OBJECT_PREPARE_H
#define CREATE_DIFF_OBJECT_PREPARE_H

#include "options.h"

/* All but files and names of functions. Goes on after a bad name, so that one run names them all. */
enum elfdiff_status prepare_run(struct elfdiff *run, const struct options *o);

/* Kernel symbols and Module.symvers. False: one of them at least cannot be used. */
bool prepare_kernel(struct elfdiff *run, const struct options *o);

#endif
