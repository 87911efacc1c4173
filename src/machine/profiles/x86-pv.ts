import type { ProfileFacts } from '../profile.js'
import { paravirt_flush_tlb } from '../x86/flush.js'
import { paravirtBatch } from '../x86/tlbbatch.js'
import { x86Native } from './x86-native.js'

/** x86-64 with CONFIG_PARAVIRT=y under a hypervisor that flushes TLBs: what distributions build. */
export const x86Pv: ProfileFacts = {
  ...x86Native,
  name: 'x86-pv',
  title: 'x86-64 paravirtualised: a flush may leave out a CPU with interrupts off, tables are freed by RCU',
  flush: paravirt_flush_tlb,
  batchedUnmapFlush: paravirtBatch,
  tableFreeing: 'rcu',
  tableFreeingAtFirst: 'pages',
}
