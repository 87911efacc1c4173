import type { Step } from '../engine/model/step.js'

/** What an access is to the Linux-kernel memory model. */
export type AccessOrder = 'once' | 'acquire' | 'release' | 'full'

/** Read-modify-writes that return what was there, or whether they could: full barriers (Documentation/atomic_t.txt). */
const RETURNING = /test_and_|_and_test|_return\(|fetch_|try_|unless|xchg\(|freeze|_sub\(|inc_mm_tlb_gen/
/** Code of one architecture, on which every locked instruction is a full barrier. */
const X86 = 'machine/x86/'
/** Entries of page tables: architectures exchange them without ordering (`xchg_relaxed` on arm64). */
const ENTRY = /ptep_|pmdp_|pudp_|set_(?:pte|pmd|pud)/

/**
 * The order of an access by the primitive that its step stands for, as its label names it. Steps say `full` of every
 * read-modify-write, which means nothing to the interleaving search; the kernel's void atomics and bit operations order nothing.
 * `file` is where the step is taken.
 */
export function accessOrder({ kind, options }: Step<unknown>, file: string, reads: boolean, writes: boolean): AccessOrder {
  const { label = '', order = 'once' } = options
  if (!reads || !writes) return order === 'acquire' || order === 'release' ? order : 'once'
  if (file.includes(X86)) return 'full'
  if (ENTRY.test(label)) return 'once'
  if (kind === 'cmpxchg' || kind === 'addUnlessZero' || RETURNING.test(label)) return 'full'
  return order === 'acquire' || order === 'release' ? order : 'once'
}
