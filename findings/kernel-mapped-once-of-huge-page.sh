#!/bin/sh
# Bit 56 of /proc/PID/pagemap ("exclusively mapped") of a page in a huge mapping.
# Linux 7.3.4 (fs/proc/task_mmu.c:pagemap_pmd_range_thp) answers for all 512 pages what holds for the first: a page that a child maps too is
# said to be mapped once. Linux 6.12.117 looks at each page.
# Here a process maps a huge page; a child inherits it and unmaps its first 4 KiB: only those are mapped once.
# Needs root, Debian's tools, qemu-system-x86, gcc, cpio; takes a minute.
set -eu
cd "$(dirname "$0")"
check() {
  node check.mjs "$@" << 'C'
static void finding(void)
{
	int turn[2], done[2];
	char *region = anonymous(HUGE, 1), byte = 0;
	memset(region, 1, HUGE);
	if (pipe(turn) || pipe(done))
		return;
	if (fork() == 0) {
		munmap(region, PAGE);
		if (write(turn[1], &byte, 1) == 1 && read(done[0], &byte, 1) == 1)
			_exit(0);
		_exit(1);
	}
	if (read(turn[0], &byte, 1) != 1)
		return;
	say("huge page: %d", (int)(kpageflags(region) >> 22 & 1));
	for (int i = 0; i < 2; i++)
		say("page %d: bit 56 is %d, /proc/kpagecount says %d", i, (int)(pagemap(region + i * PAGE) >> 56 & 1),
		    (int)word("/proc/kpagecount", pagemap(region + i * PAGE) & ((1UL << 55) - 1)));
	if (write(done[1], &byte, 1) == 1)
		wait(0);
}
C
}
check x86-64 6.12 'huge page: 1
page 0: bit 56 is 1, /proc/kpagecount says 1
page 1: bit 56 is 0, /proc/kpagecount says 2'
check x86-64 7.3 'huge page: 1
page 0: bit 56 is 1, /proc/kpagecount says 1
page 1: bit 56 is 1, /proc/kpagecount says 2'
