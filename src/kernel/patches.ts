/** A commit whose step a run can take out again, or a proposed change it can put in. */
export interface Patch {
  /** Twelve digits of the commit id in Linus' tree, or a word for a change that was never merged. */
  readonly id: string
  readonly title: string
  /** First version with the commit; for a proposal, the version it was made against. */
  readonly version: string
  readonly cve?: string
  /** What it changes in the model, in one line. */
  readonly changes: string
  /** Part of the modelled kernel (`merged`), or only with `--apply`: `proposed` by somebody, or a `mutation` that takes a step out. */
  readonly state: 'merged' | 'proposed' | 'mutation'
}

/** Every patch that model code asks for. */
export const patches: readonly Patch[] = [
  {
    id: '70cbc3cc78a9', title: 'mm: gup: fix the fast GUP race against THP collapse', version: '6.1', state: 'merged',
    changes: 'gup_pte_range() reads the PMD again after it took the reference',
  },
  {
    id: '2ba99c5e0881', title: 'mm/khugepaged: fix GUP-fast interaction by sending IPI', version: '6.1', cve: 'CVE-2022-48991',
    state: 'merged', changes: 'khugepaged sends IPIs after it cleared the PMD',
  },
  {
    id: 'bedf03416913', title: 'powerpc/64s/radix: don\'t need to broadcast IPI for radix pmd collapse flush', version: '6.1',
    state: 'merged', changes: 'radix__pmdp_collapse_flush() no longer waits for IPIs',
  },
  {
    id: '6c287605fd56', title: 'mm: remember exclusively mapped anonymous pages with PG_anon_exclusive', version: '5.19', state: 'merged',
    changes: 'an exclusive page that may be pinned is not made shared: not swapped out, migrated or merged',
  },
]
