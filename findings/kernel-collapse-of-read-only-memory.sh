#!/bin/sh
# madvise(MADV_COLLAPSE) of anonymous memory whose entries are all read-only.
# Linux 6.12.117 (mm/khugepaged.c, SCAN_PAGE_RO) refuses with EINVAL; 7.3.4 makes a huge page of it.
# Needs root, Debian's tools, qemu-system-x86, gcc, cpio; takes a minute.
set -eu
cd "$(dirname "$0")"
check() {
  node check.mjs "$@" << 'C'
static void finding(void)
{
	char *region = anonymous(HUGE, 0);
	memset(region, 1, HUGE);
	madvise(region, HUGE, MADV_HUGEPAGE);
	mprotect(region, HUGE, PROT_READ);
	int result = madvise(region, HUGE, 25 /* MADV_COLLAPSE */), error = errno;
	say("MADV_COLLAPSE: %s, huge page: %d", result ? strerror(error) : "done", (int)(kpageflags(region) >> 22 & 1));
}
C
}
check x86-64 6.12 'MADV_COLLAPSE: Invalid argument, huge page: 0'
check x86-64 7.3 'MADV_COLLAPSE: done, huge page: 1'
