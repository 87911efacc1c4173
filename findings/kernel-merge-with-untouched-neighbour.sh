#!/bin/sh
# Whether two anonymous mappings that have become alike are one in /proc/PID/maps.
# Linux 6.12.117 (mm/vma.c:is_mergeable_anon_vma) makes one of them if the second has no page yet, but not if the first has none: then a mapping
# that was split by mlock() stays in pieces after munlock(). Linux 7.3.4 looks at both sides (since 6.16).
# Needs root, Debian's tools, qemu-system-x86, gcc, cpio; takes a minute.
set -eu
cd "$(dirname "$0")"
check() {
  node check.mjs "$@" << 'C'
static int mappings(void)
{
	char line[256];
	int count = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof line, maps)) {
		unsigned long start = strtoul(line, 0, 16);
		count += start >= (uintptr_t)REGION && start < (uintptr_t)REGION + 2 * PAGE;
	}
	fclose(maps);
	return count;
}

static void finding(void)
{
	char *region = anonymous(2 * PAGE, 0);
	mlock(region + PAGE, PAGE);
	say("the second page locked: %d mappings", mappings());
	munlock(region + PAGE, PAGE);
	say("and no more: %d", mappings());
}
C
}
check x86-64 6.12 'the second page locked: 2 mappings
and no more: 2'
check x86-64 7.3 'the second page locked: 2 mappings
and no more: 1'
