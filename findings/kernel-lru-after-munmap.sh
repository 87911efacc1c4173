#!/bin/sh
# When a new page gets to its LRU list, as KPF_LRU of /proc/kpageflags shows (and with it, whether it can be isolated, migrated, reclaimed).
# A fault puts it into a batch of its CPU. Until Linux 6.12.117 any munmap() drained that batch (mm/vma.c:unmap_region); in 7.3.4 it does not:
# what relied on a process that maps and unmaps now and then finds its pages in the batch for longer.
# Needs root, Debian's tools, qemu-system-x86, gcc, cpio; takes a minute.
set -eu
cd "$(dirname "$0")"
check() {
  node check.mjs "$@" << 'C'
static int on_lru(const void *address) { return kpageflags(address) >> 5 & 1; }

static void finding(void)
{
	char *region = anonymous(16 * PAGE, 0);
	mlock(region + 8 * PAGE, PAGE);
	*region = 1;
	say("on the LRU after the fault: %d", on_lru(region));
	munmap(region + 4 * PAGE, PAGE);
	say("after munmap() of an empty page: %d", on_lru(region));
	mlock(region + 9 * PAGE, PAGE);
	say("after mlock() of another: %d", on_lru(region));
}
C
}
check x86-64 6.12 'on the LRU after the fault: 0
after munmap() of an empty page: 1
after mlock() of another: 1'
check x86-64 7.3 'on the LRU after the fault: 0
after munmap() of an empty page: 0
after mlock() of another: 1'
