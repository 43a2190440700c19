/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COUNTER_H
#define COUNTER_H

struct seq_file;
void counter_put(struct seq_file *m, int n);

#endif
