#!/bin/sh
# VmPTE of /proc/PID/status after madvise(MADV_DONTNEED).
# Linux 7.3.4 (mm/pt_reclaim.c) frees page tables that this empties. Linux 6.12.117 keeps them until the mapping goes.
# Nor does Linux 7.2.13 free them on ppc64le, which frees page tables in a way of its own (HAVE_ARCH_TLB_REMOVE_TABLE).
# Needs root, Debian's tools, qemu-system-x86 and -ppc, gcc and one for powerpc64le, cpio; takes two minutes.
set -eu
cd "$(dirname "$0")"
check() {
  node check.mjs "$@" << 'C'
static long page_tables(void)
{
	static char text[4096];
	int fd = open("/proc/self/status", O_RDONLY);
	text[read(fd, text, sizeof text - 1)] = 0;
	close(fd);
	return atol(strstr(text, "VmPTE:") + 6);
}

static void finding(void)
{
	size_t bytes = 32 * HUGE;
	char *region = anonymous(bytes, 0);
	page_tables();
	long before = page_tables();
	for (size_t at = 0; at < bytes; at += HUGE)
		region[at] = 1;
	say("more tables with a page in each of 32 ranges: %d", page_tables() - before >= 32 * 4);
	madvise(region, bytes, MADV_DONTNEED);
	say("after MADV_DONTNEED they are %s", page_tables() - before >= 32 * 4 ? "there" : "gone");
}
C
}
check x86-64 6.12 'more tables with a page in each of 32 ranges: 1
after MADV_DONTNEED they are there'
check x86-64 7.3 'more tables with a page in each of 32 ranges: 1
after MADV_DONTNEED they are gone'
check ppc64-radix 7.2 'more tables with a page in each of 32 ranges: 1
after MADV_DONTNEED they are there'
