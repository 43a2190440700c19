// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/seq_file.h>

#include "counter.h"

void counter_put(struct seq_file *m, int n)
{
	seq_printf(m, "%d\n", n);
}
