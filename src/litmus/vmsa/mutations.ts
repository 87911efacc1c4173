import { everything } from '../../machine/flush.js'
import type { Machine } from '../../machine/machine.js'
import type { Tlb } from '../../machine/tlb.js'
import type { VmsaOptions } from './check-vmsa.js'

const changed = (change: (tlb: Tlb) => void): VmsaOptions => ({ change: ({ tlb }: Machine) => change(tlb!) })

const slot = (bit: number): number => 31 - Math.clz32(bit)

/** TLBs that are broken in one way each. Tests of the TLB have to notice them. */
export const mutations: Readonly<Record<string, VmsaOptions>> = {
  'TLBI does nothing': changed((tlb) => {
    tlb.issue = () => undefined
  }),
  'TLBI is always local': changed((tlb) => {
    const issue = tlb.issue.bind(tlb)
    tlb.issue = (m, by, mm, range, walks) => issue(m, by, mm, range, walks, true)
  }),
  'TLBI needs no DSB': changed((tlb) => {
    const issue = tlb.issue.bind(tlb)
    tlb.issue = (m, by, ...rest) => {
      issue(m, by, ...rest)
      tlb.complete(m, by)
    }
  }),
  'any DSB completes every TLBI': { change: ({ tlb, cpus }) => {
    const complete = tlb!.complete.bind(tlb)
    tlb!.complete = (m) => {
      for (const cpu of cpus) complete(m, cpu)
    }
  } },
  'TLBI takes effect when it completes': { change: ({ tlb, contexts, memory, cpus }) => {
    const pending = cpus.map((cpu) => memory.ghost(`${cpu.name} has a TLBI pending`))
    const [issue, complete] = [tlb!.issue.bind(tlb), tlb!.complete.bind(tlb)]
    tlb!.issue = (m, by) => m.set(pending[slot(by.bit)]!, 1)
    tlb!.complete = (m, by) => {
      if (m.get(pending[slot(by.bit)]!)) issue(m, by, contexts[0]!, everything, true)
      m.set(pending[slot(by.bit)]!, 0)
      complete(m, by)
    }
  } },
  'no stale entries': { rules: { cacheable: () => false } },
  'no walks ahead': { rules: { ahead: false } },
  'ISB and exceptions do nothing': changed((tlb) => {
    tlb.synchronise = () => undefined
  }),
  'ISB drops stale entries': { change: ({ tlb, contexts }) => {
    const synchronise = tlb!.synchronise.bind(tlb)
    tlb!.synchronise = (m, agent) => {
      synchronise(m, agent)
      tlb!.drop(m, agent, contexts[0]!, everything, true)
    }
  } },
  'own writes need no DSB': changed((tlb) => {
    tlb.writeEntry = (m, _by, entry, word) => m.set(entry, word)
  }),
  'hardware sets AF on access only': { speculation: false },
}
