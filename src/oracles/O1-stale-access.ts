import type { Access } from '../engine/model/memory.js'
import type { Mm } from '../kernel/include/mm.js'
import { type Page, PAGE_MAPPING_ANON } from '../kernel/include/page.js'
import type { Promised } from '../kernel/observer.js'
import { _PAGE_PSE, _PAGE_RW, hardware_present, word_pfn } from '../machine/pte.js'
import type { Leaf, Translator } from '../machine/tlb.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'
import { translate, watchTables } from './translate.js'

const usable = ({ word }: Leaf): boolean => hardware_present(word)

/** SYSTEMS: no stale access. For machines with TLBs, and geometries with fewer than 31 pages. */
export const O1: Oracle = {
  id: 'O1',
  name: ORACLE_NAMES.O1,
  text: `A call has returned (or dropped the lock under which others rely on it), and a CPU can still read or write through a
translation that the call promised to remove or downgrade. Each call makes one promise: munmap, MADV_DONTNEED and
unmap_mapping_range that nothing reaches the pages; mprotect and fork that nothing writes to them any more; page_mkclean that,
and mremap that nothing goes through the old address, when they drop the page-table locks. Only mappings that were there
when the call began count; for mremap those that it moves, and not what somebody else has unmapped and still has to flush.`,
  install(kernel) {
    const { memory, tlb } = kernel.machine
    if (!tlb) return undefined
    /** By CPU and address: the pages, as a mask of pfns, that could be reached there when the call on this CPU began. */
    const before = kernel.cpus.map((cpu) => memory.cells(`promise.${cpu.index}`, kernel.taskSize, 0, { ghost: true }))
    /** Those of them that a fault has made writable again since, which no promise is about. */
    const upgraded = kernel.cpus.map((cpu) => memory.cells(`promise.upgraded.${cpu.index}`, kernel.taskSize, 0, { ghost: true }))
    const reachable = (m: Access, mm: Mm, address: number, inTables: boolean): number => {
      const leaves = inTables ? [] : kernel.machine.translators.flatMap((cpu) => tlb.translations(m, cpu, mm, address)).filter(usable)
      const mapped = translate(m, kernel, mm, address)
      return leaves.reduce((mask, { word }) => mask | bitOf(word, address), mapped ? 1 << mapped.page.pfn : 0)
    }
    const bitOf = (word: number, address: number): number =>
      1 << (word_pfn(word) + (word & _PAGE_PSE ? address % kernel.geometry.ptrsPerPte : 0))
    const stale = (m: Access, cpu: Translator, mm: Mm, address: number): Leaf[] =>
      m.get(cpu.cr3) === mm.context.id && !cpu.idle(m) ? tlb.translations(m, cpu, mm, address).slice(1).filter(usable) : []
    const checkTlbs = (m: Access, mm: Mm, address: number, mask: number, what: Promised, api: string): void => {
      for (const cpu of kernel.machine.translators) {
        for (const { word } of stale(m, cpu, mm, address)) {
          if (!(mask & bitOf(word, address)) || (what === 'no write' && !(word & _PAGE_RW))) continue
          const access = word & _PAGE_RW ? 'write to' : 'read'
          m.violate('O1', `${api} is done, and ${cpu.name} can still ${access} page ${word_pfn(word)} at address ${address}`)
        }
      }
    }
    /** A page of a file may be mapped again by a fault; memory that was given back may not come back. */
    const checkTables = (m: Access, mm: Mm, address: number, mask: number, what: Promised, api: string): void => {
      const mapped = what === 'no write' ? undefined : translate(m, kernel, mm, address)
      if (!mapped || (what === 'no use' && !mapped.usable) || !(mask & (1 << mapped.page.pfn))) return
      if (m.get(headOf(m, mapped.page).mapping) & PAGE_MAPPING_ANON) {
        m.violate('O1', `${api} is done, and page ${mapped.page.pfn} is still mapped at address ${address}`)
      }
    }
    const headOf = (m: Access, page: Page): Page => {
      const head = m.get(page.compound_head)
      return head ? kernel.page(head - 1) : page
    }
    /** 1 while fork() copies: it maps pages for the child, which says nothing of the parent. */
    const forking = memory.ghost('promise.forking')
    for (const page of kernel.memory.pages) {
      if (!page) continue
      // A fault may map the page again, for the same address even. No promise is about that.
      for (const counter of [page._mapcount, page.compound_mapcount]) {
        memory.watch(counter, (m, _, old, now) => {
          if (now > old && !m.get(forking)) for (const cell of before.flat()) m.set(cell, m.get(cell) & ~(1 << page.pfn))
        })
      }
    }
    watchTables(kernel, (m, old, now) => {
      if (!hardware_present(old) || old & _PAGE_RW || !hardware_present(now) || !(now & _PAGE_RW)) return
      before.flat().forEach((cell, i) => {
        const again = m.get(cell) & bitOf(now, i % kernel.taskSize)
        if (again) m.set(upgraded.flat()[i]!, m.get(upgraded.flat()[i]!) | again)
      })
    })
    kernel.observers.push({
      forks: (m, _, done) => m.set(forking, done ? 0 : 1),
      promiseStarts(m, { index }, mm, start, end, inTables = false) {
        for (let address = start; address < end; address++) m.set(before[index]![address]!, reachable(m, mm, address, inTables))
      },
      promises(m, { index }, mm, start, end, what, api) {
        for (let address = start; address < end; address++) {
          const mask = m.get(before[index]![address]!) & ~(what === 'no write' ? m.get(upgraded[index]![address]!) : 0)
          m.set(before[index]![address]!, 0)
          m.set(upgraded[index]![address]!, 0)
          checkTlbs(m, mm, address, mask, what, api)
          checkTables(m, mm, address, mask, what, api)
        }
      },
    })
    return undefined
  },
}
