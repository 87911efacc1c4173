#!/bin/sh
# Writing 4 to /proc/PID/clear_refs where the architecture tracks no soft-dirty bits.
# It succeeds on Linux 7.2.13 of arm64 and riscv64 all the same (fs/proc/task_mmu.c:clear_refs_write), and bit 55 of /proc/PID/pagemap is 0 before and
# after a write: a program that takes success for support reads every page as clean.
# Needs root, Debian's tools, qemu-system-x86, -arm and -misc, gcc and those for aarch64 and riscv64, cpio; takes two minutes.
set -eu
cd "$(dirname "$0")"
check() {
  node check.mjs "$@" << 'C'
static void finding(void)
{
	char *region = anonymous(PAGE, 0);
	*region = 1;
	say("clear_refs: %d", put("/proc/self/clear_refs", "4"));
	*region = 2;
	say("soft-dirty after a write: %d", (int)(pagemap(region) >> 55 & 1));
}
C
}
check x86-64 7.3 'clear_refs: 0
soft-dirty after a write: 1'
check arm64 7.2 'clear_refs: 0
soft-dirty after a write: 0'
check riscv64 7.2 'clear_refs: 0
soft-dirty after a write: 0'
