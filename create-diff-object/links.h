/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * links.h - what the objects of a tree are linked into
 *
 * A vDSO, the code that unpacks or starts the kernel and the programs of the build have objects that are compiled as the
 * kernel's are. What tells them apart is which link reads them, by whatever objects and archives between.
 */
#ifndef CREATE_DIFF_OBJECT_LINKS_H
#define CREATE_DIFF_OBJECT_LINKS_H

#include "tree.h"

/* Set `named` and `program` of each object of the tree. */
void links_follow(struct tree *t);

#endif
