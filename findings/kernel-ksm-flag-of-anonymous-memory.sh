#!/bin/sh
# KPF_KSM of /proc/kpageflags.
# Linux 6.12.117 (fs/proc/page.c:stable_page_flags) sets it for every anonymous page, though KSM never ran: the two low bits of folio->mapping
# that say KSM include the one that says anonymous, and it asks whether any of them is set. Linux 7.3.4 asks for both.
# Needs root, Debian's tools, qemu-system-x86, gcc, cpio; takes a minute.
set -eu
cd "$(dirname "$0")"
check() {
  node check.mjs "$@" << 'C'
static void finding(void)
{
	char *region = anonymous(PAGE, 0);
	*region = 1;
	say("KPF_ANON is %d, KPF_KSM is %d", (int)(kpageflags(region) >> 12 & 1), (int)(kpageflags(region) >> 21 & 1));
}
C
}
check x86-64 6.12 'KPF_ANON is 1, KPF_KSM is 1'
check x86-64 7.3 'KPF_ANON is 1, KPF_KSM is 0'
