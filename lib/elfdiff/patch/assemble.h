/* SPDX-License-Identifier: GPL-2.0-or-later */
/* assemble.h - the output as a model: what was selected, laid out, with its references */
#ifndef ELFDIFF_ASSEMBLE_H
#define ELFDIFF_ASSEMBLE_H

#include "klp/model.h"
#include "patch/resolve.h"

const struct model *assemble(const struct diff *d, const struct selection *s, const struct resolution *r);

#endif
