#!/bin/sh
# A write to memory that so far was only read, where the reads mapped the huge zero page.
# Linux 7.3.4 (mm/huge_memory.c:do_huge_zero_wp_pmd) gives the process a huge page: one byte written costs 2 MiB. Linux 6.12.117 splits the
# mapping and gives it the one small page that was written.
# Needs root, Debian's tools, qemu-system-x86, gcc, cpio; takes a minute.
set -eu
cd "$(dirname "$0")"
check() {
  node check.mjs "$@" << 'C'
static void finding(void)
{
	char *region = anonymous(HUGE, 1);
	volatile char *byte = region;
	(void)*byte;
	say("read: the zero page %d, huge %d", (int)(kpageflags(region) >> 24 & 1), (int)(kpageflags(region) >> 22 & 1));
	*byte = 1;
	say("written: the zero page %d, huge %d", (int)(kpageflags(region) >> 24 & 1), (int)(kpageflags(region) >> 22 & 1));
	say("the page after it: the zero page %d, huge %d", (int)(kpageflags(region + PAGE) >> 24 & 1), (int)(kpageflags(region + PAGE) >> 22 & 1));
}
C
}
check x86-64 6.12 'read: the zero page 1, huge 1
written: the zero page 0, huge 0
the page after it: the zero page 1, huge 0'
check x86-64 7.3 'read: the zero page 1, huge 1
written: the zero page 0, huge 1
the page after it: the zero page 0, huge 1'
