# SPDX-License-Identifier: GPL-2.0-or-later
#
# kbuild-list.mk - what one directory of the kernel holds, by its Makefile and the configuration
#
# usage: make -s -f kbuild-list.mk srctree=DIR objtree=DIR SRCARCH=x86 obj=fs/proc
#
# Run in the build directory. Prints an object a line, and directories below with a slash at the end.

src := $(obj)
VPATH := $(srctree)
export srctree objtree SRCARCH

list:
include include/config/auto.conf
include $(srctree)/scripts/Kbuild.include

here := $(srctree)/$(obj)
# 6.10 and later have src be a path in the source tree.
ifeq ($(shell grep -c '^src := $$(obj)' $(srctree)/scripts/Makefile.build),0)
src := $(here)
endif

obj-y :=
obj-m :=
lib-y :=
lib-m :=
extra-y :=
always-y :=
subdir-y :=
subdir-m :=
include $(firstword $(wildcard $(here)/Kbuild $(here)/Makefile))

# foo.o made of foo-objs, foo-y and foo-m, which may be made of others.
parts = $(foreach o,$1,$(if $(filter %/,$o),$o,$(or $(strip $(foreach s,objs y m,$($(o:.o=-$s)))),$o)))
all := $(obj-y) $(obj-m) $(lib-y) $(lib-m) $(extra-y) $(addsuffix /,$(subdir-y) $(subdir-m))
list: ; @printf '%s\n' $(sort $(addprefix $(obj)/,$(all) $(call parts,$(all)) $(call parts,$(call parts,$(all)))))
