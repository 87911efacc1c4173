/* mm->flags (include/linux/sched/coredump.h). */

/** The OOM killer looks for another victim, and the OOM reaper has nothing to do here. */
export const MMF_OOM_SKIP = 1 << 21
/** The OOM reaper has taken memory away: a page of zeroes would not be what was there. */
export const MMF_UNSTABLE = 1 << 22
