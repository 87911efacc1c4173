/** Bits of vma->vm_flags (include/linux/mm.h). */
export const VM_READ = 0x1
export const VM_WRITE = 0x2
export const VM_EXEC = 0x4
export const VM_SHARED = 0x8
export const VM_MAYREAD = 0x10
export const VM_MAYWRITE = 0x20
export const VM_MAYEXEC = 0x40
export const VM_MAYSHARE = 0x80
export const VM_UFFD_MISSING = 0x200
export const VM_PFNMAP = 0x400
/** There may be guard pages. Set under a lock for reading, and never taken away. */
export const VM_MAYBE_GUARD = 0x800
export const VM_UFFD_WP = 0x1000
export const VM_LOCKED = 0x2000
export const VM_IO = 0x4000
export const VM_SEQ_READ = 0x8000
export const VM_RAND_READ = 0x10000
export const VM_DONTCOPY = 0x20000
export const VM_DONTEXPAND = 0x40000
export const VM_LOCKONFAULT = 0x80000
export const VM_ACCOUNT = 0x100000
export const VM_NORESERVE = 0x200000
export const VM_HUGETLB = 0x400000
/** Sealed by mseal(); bit 42 in the kernel. */
export const VM_SEALED = 0x800000
export const VM_WIPEONFORK = 0x2000000
export const VM_SOFTDIRTY = 0x8000000
export const VM_MIXEDMAP = 0x10000000
export const VM_HUGEPAGE = 0x20000000
export const VM_NOHUGEPAGE = 0x40000000
/** Bit 31: negative as a 32-bit integer. */
export const VM_MERGEABLE = 0x80000000 | 0
export const VM_ACCESS_FLAGS = VM_READ | VM_WRITE | VM_EXEC
export const VM_SPECIAL = VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP
export const VM_NO_KHUGEPAGED = VM_SPECIAL | VM_HUGETLB
export const VM_LOCKED_CLEAR_MASK = ~(VM_LOCKED | VM_LOCKONFAULT)

/** Two letters for each flag, as fs/proc/task_mmu.c:show_smap_vma_flags() has them; what a mapping may become is left out. */
const LETTERS: readonly (readonly [flag: number, letters: string])[] = [
  [VM_READ, 'rd'], [VM_WRITE, 'wr'], [VM_EXEC, 'ex'], [VM_SHARED, 'sh'], [VM_UFFD_MISSING, 'um'], [VM_PFNMAP, 'pf'], [VM_MAYBE_GUARD, 'gu'], [VM_UFFD_WP, 'uw'], [VM_LOCKED, 'lo'],
  [VM_IO, 'io'], [VM_SEQ_READ, 'sr'], [VM_RAND_READ, 'rr'], [VM_DONTCOPY, 'dc'], [VM_DONTEXPAND, 'de'], [VM_ACCOUNT, 'ac'],
  [VM_NORESERVE, 'nr'], [VM_HUGETLB, 'ht'], [VM_SEALED, 'sl'], [VM_WIPEONFORK, 'wf'], [VM_SOFTDIRTY, 'sd'], [VM_MIXEDMAP, 'mm'], [VM_HUGEPAGE, 'hg'],
  [VM_NOHUGEPAGE, 'nh'], [VM_MERGEABLE, 'mg'],
]

/** Flags of a VMA as /proc/PID/smaps shows them. */
export const format_vm_flags = (flags: number): string => LETTERS.filter(([flag]) => flags & flag).map(([, letters]) => letters).join(' ') || '0'
