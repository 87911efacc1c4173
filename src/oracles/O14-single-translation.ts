import type { Access } from '../engine/model/memory.js'
import type { Mm } from '../kernel/include/mm.js'
import { pmd_present, pmd_trans_huge } from '../kernel/include/pgtable.js'
import { _PAGE_PSE, _PAGE_RW, hardware_present, PFN_SHIFT } from '../machine/pte.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'

/** SYSTEMS: one translation per address. For machines with TLBs. */
export const O14: Oracle = {
  id: 'O14',
  name: ORACLE_NAMES.O14,
  text: `CPUs can reach two different pages at one address, one of them for writing; or by a huge and a small entry at once,
which some processors do not survive. Not while an unmap of that address space still has its flush to come: then the old
page is no longer what the address means.`,
  install(kernel) {
    const { memory, tlb } = kernel.machine
    if (!tlb) return undefined
    const size = kernel.geometry.ptrsPerPte
    const look = (m: Access, mm: Mm, address: number): void => {
      if (m.get(mm.tlb_flush_pending)) return
      const words = kernel.machine.translators.filter((cpu) => m.get(cpu.cr3) === mm.context.id && !cpu.idle(m))
        .flatMap((cpu) => tlb.translations(m, cpu, mm, address)).map(({ word }) => word).filter(hardware_present)
      const pages = [...new Set(words.map((word) => (word >>> PFN_SHIFT) + (word & _PAGE_PSE ? address % size : 0)))]
      if (pages.length > 1 && words.some((word) => word & _PAGE_RW)) {
        m.violate('O14', `address ${address} of mm${mm.ref - 1} leads to pages ${pages.join(' and ')}`)
      } else if (new Set(words.map((word) => word & _PAGE_PSE)).size > 1) {
        m.violate('O14', `address ${address} of mm${mm.ref - 1} has a huge and a small translation`)
      }
    }
    for (const mm of kernel.mms.objects) {
      mm.pgd.entries.forEach((pmdp, i) => {
        memory.watch(pmdp, (m, _, __, after) => {
          if (hardware_present(after)) for (let at = 0; at < size; at++) look(m, mm, i * size + at)
        })
      })
    }
    for (const table of kernel.tables.objects) {
      table.entries.forEach((ptep, at) => {
        memory.watch(ptep, (m, _, __, after) => {
          if (!hardware_present(after)) return
          for (const mm of kernel.mms.objects) {
            mm.pgd.entries.forEach((pmdp, i) => {
              const pmd = m.get(pmdp)
              if (pmd_present(pmd) && !pmd_trans_huge(pmd) && pmd >>> PFN_SHIFT === table.ref) look(m, mm, i * size + at)
            })
          }
        })
      })
    }
    return undefined
  },
}
