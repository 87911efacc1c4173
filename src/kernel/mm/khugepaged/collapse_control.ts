/** struct collapse_control, with khugepaged's tunables. */
export interface CollapseControl {
  /** The daemon; otherwise madvise(MADV_COLLAPSE), which ignores the tunables. */
  readonly is_khugepaged: boolean
  /** Empty entries that the daemon accepts. */
  readonly max_ptes_none: number
  readonly max_ptes_shared: number
  /** Entries that are not present. */
  readonly max_ptes_swap: number
}

/** Default values of /sys/kernel/mm/transparent_hugepage/khugepaged. */
export const khugepaged_collapse_control: CollapseControl = { is_khugepaged: true, max_ptes_none: 511, max_ptes_shared: 256, max_ptes_swap: 64 }

export const madvise_collapse_control: CollapseControl = { is_khugepaged: false, max_ptes_none: 511, max_ptes_shared: 256, max_ptes_swap: 64 }
