/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elfdiff.h - make live patches from pairs of kernel objects
 *
 * One `struct elfdiff` is one run. It owns every string and record that the
 * functions below hand out; all of them live until elfdiff_free(). A run is
 * used by one thread at a time; two runs share nothing but what the functions
 * for several runs say, so that several threads may each have one at work.
 *
 * No function prints, exits or reads the environment. What went wrong, or is
 * worth knowing, is a diagnostic of the run (elfdiff_diag()).
 *
 * `run` is never NULL, but for elfdiff_free(). Of any other argument NULL, or a
 * number that is no form, is an ERROR with a diagnostic. Short memory is an
 * ERROR of every call that returns a status: the run then has that diagnostic
 * alone, and nothing can be done with it but ask for it and free it.
 */
#ifndef ELFDIFF_H
#define ELFDIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ELFDIFF_API __attribute__((visibility("default")))
#define ELFDIFF_CHECKED __attribute__((warn_unused_result))

struct elfdiff;

/* The values are the exit status of the commands. */
enum elfdiff_status {
	ELFDIFF_OK = 0,
	ELFDIFF_ERROR = 1,     /* usage, input or internal error */
	ELFDIFF_REFUSED = 2,   /* the change cannot be live-patched */
	ELFDIFF_UNCHANGED = 3, /* nothing to patch */
};

enum elfdiff_form {
	ELFDIFF_FORM_KLP,      /* .klp.rela.* sections, SHN_LIVEPATCH symbols */
	ELFDIFF_FORM_LINKABLE, /* the same references as ordinary relocations */
	ELFDIFF_FORM_KPATCH,   /* the same references as records of .kpatch.symbols and .kpatch.relocations */
};

/* ---- a run ------------------------------------------------------------- */

/* NULL when memory is short. */
ELFDIFF_API struct elfdiff *elfdiff_new(void);
/* Does nothing with NULL. */
ELFDIFF_API void elfdiff_free(struct elfdiff *run);
ELFDIFF_API const char *elfdiff_version(void);

/* The patched object ("vmlinux", "ext4"); the string is copied. Without it the
 * name is taken from .modinfo, or is vmlinux. OK, or ERROR for what cannot be a name. */
ELFDIFF_CHECKED ELFDIFF_API enum elfdiff_status elfdiff_set_object_name(struct elfdiff *run, const char *name);

/* Symbols of the kernel or of a module: ELF, System.map, kallsyms, text of
 * `readelf -s`; plain or gzip. May be called several times. OK, or ERROR for
 * what cannot be read. */
ELFDIFF_CHECKED ELFDIFF_API enum elfdiff_status elfdiff_add_kernel_symbols(struct elfdiff *run, const char *path);

/* A Module.symvers file, plain or gzip. May be called several times. OK, or
 * ERROR for what cannot be read. */
ELFDIFF_CHECKED ELFDIFF_API enum elfdiff_status elfdiff_add_symvers(struct elfdiff *run, const char *path);

/*
 * Keep what was read of these files in caches beside them (by default off): a file with ELFDIFF_CACHE_SUFFIX behind its
 * name. Set before files are added, it lets a cache that is there be used, if it belongs to this user or root, nobody else
 * may write to it, and the file says what it said. elfdiff_write_caches() writes those that are missing, where that is
 * possible; it is OK either way, and ERROR only for short memory. Nothing but time depends on them.
 */
#define ELFDIFF_CACHE_SUFFIX ".elfdiff"
ELFDIFF_API void elfdiff_set_caches(struct elfdiff *run, bool on);
ELFDIFF_CHECKED ELFDIFF_API enum elfdiff_status elfdiff_write_caches(struct elfdiff *run);

/* Override the size in bytes of one entry of a special section
 * ("__bug_table"); 0 takes the override back. OK, or ERROR. */
ELFDIFF_CHECKED ELFDIFF_API enum elfdiff_status elfdiff_set_entry_size(struct elfdiff *run, const char *section,
								       unsigned size);

/*
 * A global function that ftrace cannot redirect: elfdiff_compare() replaces all that call it in this object, and refers
 * to the function of another object of the patch instead of the kernel's; in the object that defines it, it does not
 * mind that it is global. This is sound only if it is done for every object of the kernel that refers to the function,
 * in one patch. The string is copied. May be called several times. OK, or ERROR.
 */
ELFDIFF_CHECKED ELFDIFF_API enum elfdiff_status elfdiff_replace_callers(struct elfdiff *run, const char *function);

/*
 * For kernels 4.9 to 5.7, which apply every KLP relocation after the module
 * loader has read its tables. elfdiff_compare() (by default off) lists in
 * .kpatch.arch what such a kernel reads late, and lets every KLP relocation
 * wait for the patched object. elfdiff_convert() (by default on) makes
 * .klp.arch.* sections of that list, and refuses what would be read too early;
 * off, relocations that lead to vmlinux wait for nothing, as later kernels
 * want it.
 */
ELFDIFF_API void elfdiff_set_klp_arch(struct elfdiff *run, bool on);

/*
 * The patch is for a kernel without livepatch (by default off), where a core of our own (kpatch.h) applies all KLP
 * relocations when the module loader is through with it. elfdiff_compare() then treats what refers to vmlinux like what refers to
 * a patched module that comes later; elfdiff_convert() is REFUSED where the loader reads what such a relocation is to fill in.
 */
ELFDIFF_API void elfdiff_set_core(struct elfdiff *run, bool on);

/*
 * Leave changes of init and exit code and data out of the patch instead of refusing them (by default off): they have run
 * when a patch is loaded. Each is a warning of elfdiff_compare(). All of them, or those of the names that
 * elfdiff_add_skip_init() is given: of a function or variable, without what the compiler appends to it, or of a section.
 * OK, or ERROR; elfdiff_compare() is ERROR where neither object has that name in an init or exit section.
 */
ELFDIFF_API void elfdiff_set_skip_init(struct elfdiff *run, bool all);
ELFDIFF_CHECKED ELFDIFF_API enum elfdiff_status elfdiff_add_skip_init(struct elfdiff *run, const char *name);

/*
 * Redirect a changed function of vmlinux by a kprobe at its entry (by default off) where ftrace cannot and its callers in
 * the object will not do: a record of .kpatch.redirects, which only kmod/redirect.c understands, and a warning with the
 * reason. Each call then costs a breakpoint, and calls from a kprobe's handler run the original. elfdiff_write()
 * in form kpatch is then an ERROR.
 */
ELFDIFF_API void elfdiff_set_kprobe_redirect(struct elfdiff *run, bool on);

/*
 * Give unique local functions position 1 instead of 0, as kpatch's create-diff-object does (by default off). Before Linux
 * 6.18 klp_find_func() takes the two for different functions, so a patch that is to replace one that kpatch made must
 * keep to its way: with the other the kernel refuses it (-EEXIST).
 */
ELFDIFF_API void elfdiff_set_positions_from_one(struct elfdiff *run, bool on);

/*
 * Also hand out the code of functions that changed, before and after, with what its relocations and lines mean (by default
 * off): elfdiff_function.code. It takes time where there is much debug information.
 */
ELFDIFF_API void elfdiff_set_code(struct elfdiff *run, bool on);

/* Compare two objects and work out the patch; writes nothing. OK when there is a
 * patch, UNCHANGED when there is nothing to patch, REFUSED with a diagnostic for
 * each obstacle (the results tell what was found all the same), ERROR for bad
 * input. A run compares once: a second call is an ERROR and changes nothing. */
ELFDIFF_CHECKED ELFDIFF_API enum elfdiff_status elfdiff_compare(struct elfdiff *run, const char *orig,
								const char *patched);

/* Write the patch that elfdiff_compare() found. The file appears whole or not
 * at all. OK, or ERROR; also where elfdiff_compare() did not return OK. */
ELFDIFF_CHECKED ELFDIFF_API enum elfdiff_status elfdiff_write(struct elfdiff *run, const char *out,
							      enum elfdiff_form form);

/* ---- several runs ------------------------------------------------------- */

/*
 * Use the kernel symbols and Module.symvers of `other`, which were read there once, as if they had been added to `run`. `other`
 * lives until `run` is freed, and is given nothing more; any number of runs may share it, in several threads. More
 * kernel symbols may be added to `run`, but no Module.symvers. OK, or ERROR: also for a list that does not say of which
 * object it is.
 */
ELFDIFF_CHECKED ELFDIFF_API enum elfdiff_status elfdiff_share_kernel(struct elfdiff *run, const struct elfdiff *other);

/*
 * Make one patch of those that `count` runs have found for one patched object, in this order; elfdiff_write() of `run`, which
 * has compared nothing, writes it. What one of the objects refers to and another one defines leads there. OK, REFUSED with a
 * diagnostic for each name that two of them define, ERROR where the runs do not go together. They live until
 * `run` is freed.
 */
ELFDIFF_CHECKED ELFDIFF_API enum elfdiff_status elfdiff_merge(struct elfdiff *run, const struct elfdiff *const *from,
							      size_t count);

/*
 * A name of elfdiff_add_skip_init() that neither object has is one of another run's objects (by default off), and no error.
 * elfdiff_has_init() tells whether one of the two has it.
 */
ELFDIFF_API void elfdiff_set_skip_init_elsewhere(struct elfdiff *run, bool on);
ELFDIFF_API bool elfdiff_has_init(const struct elfdiff *run, const char *name);

/* The patch of a run has a global definition of that name, to which other objects of the patch may refer. */
ELFDIFF_API bool elfdiff_defines(const struct elfdiff *run, const char *name);

/* ---- finished objects --------------------------------------------------- */

/* Check a finished object or module against what the kernel demands: OK
 * without a breach, REFUSED with one diagnostic for each, ERROR for a file that
 * cannot be read. */
ELFDIFF_CHECKED ELFDIFF_API enum elfdiff_status elfdiff_check(struct elfdiff *run, const char *path);

/* Rewrite IN (any form) to OUT in FORM, losing nothing. OK, ERROR for what
 * cannot be read or written, REFUSED for what the kernels of
 * elfdiff_set_klp_arch(), or of elfdiff_set_core(), would read too early.
 * Where vmlinux' symbols were added, form kpatch has the addresses that they
 * tell. */
ELFDIFF_CHECKED ELFDIFF_API enum elfdiff_status elfdiff_convert(struct elfdiff *run, const char *in, const char *out,
								enum elfdiff_form form);

/* ---- diagnostics ------------------------------------------------------- */

enum elfdiff_severity {
	ELFDIFF_NOTICE,  /* worth knowing */
	ELFDIFF_WARNING, /* could not be checked, or may surprise */
	ELFDIFF_REFUSAL, /* the change cannot be live-patched */
	ELFDIFF_FAILURE, /* bad input, or a defect of this library */
};

/* Strings that do not apply are NULL. Wording: lower case, no full stop. Names stand in them as a file has them, which
 * may be with control characters: escape what is printed. */
struct elfdiff_diag {
	enum elfdiff_severity severity;
	const char *id;      /* stable: "data-changed" */
	const char *message; /* one line */
	const char *object;  /* path of the file, or name of the module */
	const char *section;
	const char *symbol;
	bool has_offset;
	uint64_t offset; /* bytes from the symbol, or from the section's start */
	const char *cause;
	const char *hint;
	const char *
		origin; /* of what differs by what it refers to: which changed by itself, the last name in it; or NULL */
	const char *
		stub; /* lines of C that do by a patch callback what is refused: to be pasted at the end of the source */
};

/* Of this and the other lists: the number of records, and each by its number; NULL past the end. */
ELFDIFF_API size_t elfdiff_diag_count(const struct elfdiff *run);
ELFDIFF_API const struct elfdiff_diag *elfdiff_diag(const struct elfdiff *run, size_t i);

/* ---- results of elfdiff_compare() ---------------------------------------- */

/* The name of the patched object, as stated or found; NULL when neither has happened. */
ELFDIFF_API const char *elfdiff_object_name(const struct elfdiff *run);

/* The architecture of the objects that were compared ("x86_64", "s390x"); NULL when they were not. */
ELFDIFF_API const char *elfdiff_architecture(const struct elfdiff *run);

/* The first place where two things differ, in words. */
struct elfdiff_evidence {
	const char *what; /* "size", "instruction", "relocation", "special entry", ... */
	bool has_orig, has_patched;
	uint64_t orig_offset; /* bytes from the symbol */
	uint64_t patched_offset;
	const char *origin;    /* as in elfdiff_diag */
	const char *orig_text; /* instruction or relocation there; NULL past the end */
	const char *patched_text;
};

/* What a relocation puts into code. */
struct elfdiff_code_relocation {
	uint64_t offset;    /* bytes from the start of the code */
	unsigned size;      /* bytes of its field; 0: it marks a place */
	bool relative;      /* the field is a distance: the operand is the target itself, not a number */
	const char *type;   /* "R_X86_64_PLT32" */
	const char *target; /* symbol and offset, or the quoted string */
};

/* From this offset on the code is of this line of the source. */
struct elfdiff_code_line {
	uint64_t offset;
	const char *file;
	unsigned line;
};

/* A run of machine code; both lists ascend by offset. */
struct elfdiff_code {
	const uint8_t *bytes;
	uint64_t size;
	const struct elfdiff_code_relocation *relocations;
	size_t relocation_count;
	const struct elfdiff_code_line *lines;
	size_t line_count;
};

/* The function itself, or what the compiler moved out of it, before and after; NULL: it is not there. */
struct elfdiff_code_pair {
	const char *name;
	const struct elfdiff_code *orig, *patched;
};

/* A function that changed, or is replaced although it did not. */
struct elfdiff_function {
	const char *name;
	bool replaced;      /* one record; false: it has no ftrace location, and its callers are replaced */
	bool by_kprobe;     /* replaced: the record is one of .kpatch.redirects, not of .kpatch.funcs */
	const char *reason; /* why it is replaced, in words; NULL: it changed */
	const char *section;
	uint64_t orig_size, patched_size; /* bytes */
	unsigned long position;           /* sympos: 0 unique, else 1..n */
	struct elfdiff_evidence evidence;
	const struct elfdiff_code_pair *code; /* of one that changed, with elfdiff_set_code(): itself first */
	size_t code_count;
};

ELFDIFF_API size_t elfdiff_function_count(const struct elfdiff *run);
ELFDIFF_API const struct elfdiff_function *elfdiff_function(const struct elfdiff *run, size_t i);

#define ELFDIFF_NO_PARENT ((size_t)-1)

enum elfdiff_kind {
	ELFDIFF_KIND_OTHER,
	ELFDIFF_KIND_FUNCTION,
	ELFDIFF_KIND_DATA,
	ELFDIFF_KIND_READ_ONLY_DATA,
	ELFDIFF_KIND_CONSTANT, /* read-only, without a name */
	ELFDIFF_KIND_STRING,
	ELFDIFF_KIND_SPECIAL_CODE,  /* what special entries refer to, without a name */
	ELFDIFF_KIND_SPECIAL_ENTRY, /* one entry of a table that the kernel reads by its section */
};

enum elfdiff_verdict {
	ELFDIFF_VERDICT_COPY, /* has no identity: a copy is as good */
	ELFDIFF_VERDICT_SAME,
	ELFDIFF_VERDICT_CHANGED,
	ELFDIFF_VERDICT_NEW,
};

/* "read-only data", "changed"; "unknown" for a number that is none of them. Never NULL. */
ELFDIFF_API const char *elfdiff_kind_name(enum elfdiff_kind kind);
ELFDIFF_API const char *elfdiff_verdict_name(enum elfdiff_verdict verdict);

/* Something in the output and why: a tree by `parent`. */
struct elfdiff_item {
	const char *name;    /* symbol, or section+offset, or the quoted string */
	const char *section; /* input section */
	enum elfdiff_kind kind;
	enum elfdiff_verdict verdict;
	const char *reason;     /* why it is here, in words */
	uint64_t size;          /* bytes */
	size_t parent;          /* index of the item that needs it; ELFDIFF_NO_PARENT for a root */
	bool has_parent_offset; /* false: no relocation of the parent refers to it (a special entry) */
	uint64_t parent_offset; /* where the parent refers to it, bytes from its start */
};

ELFDIFF_API size_t elfdiff_item_count(const struct elfdiff *run);
ELFDIFF_API const struct elfdiff_item *elfdiff_item(const struct elfdiff *run, size_t i);

/* How a reference finds its target. */
enum elfdiff_how {
	ELFDIFF_HOW_REFUSED,   /* it does not: a diagnostic says why */
	ELFDIFF_HOW_EXPORTED,  /* an ordinary symbol, which vmlinux exports */
	ELFDIFF_HOW_UNDEFINED, /* an ordinary symbol, which another object of the patch has to define */
	ELFDIFF_HOW_KLP,       /* a KLP relocation: by object, name and position */
};

/* "exported"; "unknown" for a number that is none of them. Never NULL. */
ELFDIFF_API const char *elfdiff_how_name(enum elfdiff_how how);

/* A reference that leaves the output. */
struct elfdiff_reference {
	const char *name;
	enum elfdiff_how how;
	const char *object; /* where the symbol lives; NULL when unknown */
	const char *when;   /* klp: the object whose loading applies it */
	unsigned long position;
	size_t item; /* the item that refers to it */
	uint64_t item_offset;
};

ELFDIFF_API size_t elfdiff_reference_count(const struct elfdiff *run);
ELFDIFF_API const struct elfdiff_reference *elfdiff_reference(const struct elfdiff *run, size_t i);

#ifdef __cplusplus
}
#endif

#endif
