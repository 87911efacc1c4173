import type { Access } from '../engine/model/memory.js'
import { GUP_PIN_COUNTING_BIAS, type Page } from '../kernel/include/page.js'
import type { PageTable } from '../kernel/include/page_table.js'
import { PG_head } from '../kernel/include/page_flags.js'
import { is_device_exclusive_entry, is_device_private_entry, is_genuine_swap_entry } from '../kernel/include/swapops.js'
import { pmd_present, pmd_trans_huge, pte_devmap, pte_special, PFN_SHIFT } from '../kernel/include/pgtable.js'
import { VM_PFNMAP } from '../kernel/include/vm_flags.js'
import type { Mm } from '../kernel/include/mm.js'
import { swap_count } from '../kernel/include/swap_area.js'
import type { Kernel } from '../kernel/kernel.js'
import { wrongHugetlbCount } from './hugetlb-counts.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'
import { pinsOf } from './pins.js'
import { vmaAt } from './translate.js'

/** Whether an entry for this address is counted in the page it maps; not if it is of a VM_PFNMAP mapping, or says so itself. */
function counted(m: Access, kernel: Kernel, mm: Mm, address: number, word: number): boolean {
  if (!pmd_present(word) || pte_special(word) || pte_devmap(word)) return false
  const vma = vmaAt(m, kernel, mm, address)
  return !vma || !(m.get(vma.vm_flags) & VM_PFNMAP)
}

/** By pfn: how often each page is mapped by small entries, and whole by huge ones; and what else in the tables has a reference. */
interface Mappings {
  readonly small: ReadonlyMap<number, number>
  readonly huge: ReadonlyMap<number, number>
  readonly held: ReadonlyMap<number, number>
  /** How many entries point to each slot of the swap area. */
  readonly slots: ReadonlyMap<number, number>
}

function mappings(m: Access, kernel: Kernel): Mappings {
  const small = new Map<number, number>()
  const huge = new Map<number, number>()
  const held = new Map<number, number>()
  const slots = new Map<number, number>()
  const add = (count: Map<number, number>, word: number): void =>
    void count.set(word >>> PFN_SHIFT, (count.get(word >>> PFN_SHIFT) ?? 0) + 1)
  /** Each once, also if several mms use it, with one place where it is used. */
  const tables = new Map<PageTable, readonly [mm: Mm, start: number]>()
  for (const mm of kernel.mms.objects) {
    for (const [i, entry] of mm.pgd.entries.entries()) {
      const pmd = m.get(entry)
      const start = i * kernel.geometry.ptrsPerPte
      if (!pmd_present(pmd)) continue
      const table = kernel.tables.at(pmd >>> PFN_SHIFT)
      if (!pmd_trans_huge(pmd)) {
        if (table) tables.set(table, [mm, start])
      } else if (counted(m, kernel, mm, start, pmd)) add(huge, pmd)
    }
  }
  for (const [table, [mm, start]] of tables) {
    table.entries.forEach((ptep, i) => {
      const pte = m.get(ptep)
      if (is_device_exclusive_entry(pte)) add(held, pte)
      else if (is_genuine_swap_entry(pte)) add(slots, pte)
      else if (is_device_private_entry(pte)) add(small, pte)
      else if (counted(m, kernel, mm, start + i, pte)) add(pmd_trans_huge(pte) ? huge : small, pte)
    })
  }
  return { small, huge, held, slots }
}

/** References that the kernel itself holds: page cache, swap cache, batches on their way to the LRU, and the test device. */
function ownReferences(m: Access, kernel: Kernel, page: Page, parts: number): number {
  const cached = kernel.files.objects.flatMap((file) => file.i_pages).filter((slot) => {
    const pfn = m.get(slot) - 1
    return pfn >= page.pfn && pfn < page.pfn + parts
  }).length
  const swapCache = kernel.swap.i_pages.filter((slot) => m.get(slot) > page.pfn && m.get(slot) <= page.pfn + parts).length
  const batches = kernel.perCpu.flatMap(({ lru_add, lru_deactivate, lru_lazyfree, activate, mlock }) =>
    [lru_add, lru_deactivate, lru_lazyfree, activate, mlock])
  const batched = batches.flatMap((batch) => batch.pages.slice(0, m.get(batch.nr))).filter((slot) => m.get(slot) >>> 2 === page.pfn)
  const backed = kernel.memory.pages.some((device) => device && kernel.memory.isDevicePrivate(device) &&
    m.get(device._refcount) > 0 && m.get(device.lru) === page.pfn)
  return cached + swapCache + batched.length + (backed ? 1 : 0)
}

/**
 * References of device memory that stand for nobody: of fsdax and device-dax pages always one, of P2PDMA pages while they are
 * free, until 7.3. The page cache of a DAX file has none.
 */
function baseReferences(kernel: Kernel, page: Page, holders: number, cached: boolean): number {
  const type = kernel.memory.pagemapOf(page)?.type
  if (type === 'fs_dax') return cached ? 0 : 1
  return type === 'generic' || (type === 'pci_p2pdma' && holders === 0 && !kernel.changes.ids.has('p2pdma-ref0')) ? 1 : 0
}

const isGone = (m: Access, kernel: Kernel, page: Page): boolean => {
  const pgmap = kernel.memory.pagemapOf(page)
  return pgmap !== undefined && m.get(pgmap.memmap) === 0
}

/** SYSTEMS: the counts are right. */
export const O9: Oracle = {
  id: 'O9',
  name: ORACLE_NAMES.O9,
  text: `A reference count is not the number of holders, a map count not the number of entries, a count is negative, or a
page is freed while it is mapped or held, or freed twice. Or hugetlbfs counts more or fewer free or reserved pages than there are.`,
  install(kernel) {
    const { memory } = kernel.machine
    const { zeroPage, hugeZeroPage } = kernel.memory
    const pages = kernel.memory.pages.filter((page): page is Page => page !== undefined && page !== zeroPage && page !== hugeZeroPage)
    const pins = pinsOf(kernel)
    /** A counter that overflows on purpose is negative for a while. */
    const wraps = kernel.geometry.refcountBits < 32
    for (const page of pages) {
      memory.watch(page._refcount, (m, _, before, after) => {
        if (after < 0 && !wraps) m.violate('O9', `page ${page.pfn} has ${after} references`)
        if (after === 0 && before > 0 && m.get(page._mapcount) >= 0) m.violate('O9', `page ${page.pfn} loses its last reference while it is mapped`)
      })
      memory.watch(page._mapcount, (m, _, __, after) => {
        if (after < -1) m.violate('O9', `page ${page.pfn} is mapped ${after + 1} times`)
      })
    }
    return (m) => {
      const wrong = kernel.geometry.hugetlbPages > 0 && wrongHugetlbCount(m, kernel)
      if (wrong) m.violate('O9', wrong)
      const { small, huge, held: excluded, slots } = mappings(m, kernel)
      for (const [slot, entry] of kernel.swap.swap_map.entries()) {
        const users = slots.get(slot) ?? 0
        const counted = swap_count(m.get(entry))
        if (counted !== users) m.violate('O9', `slot ${slot} of the swap area has ${users} users and counts ${counted}`)
      }
      for (const page of pages) {
        if (isGone(m, kernel, page) || m.get(page.compound_head) !== 0) continue
        const large = (m.get(page.flags) & PG_head) !== 0
        const parts = large && !page.hugetlb ? kernel.geometry.ptrsPerPte : 1
        const entire = huge.get(page.pfn) ?? 0
        const pieces = Array.from({ length: parts }, (_, i) => small.get(page.pfn + i) ?? 0).reduce((sum, n) => sum + n, 0)
        const [maps, counter] = large ? [entire, page.compound_mapcount] : [pieces, page._mapcount]
        if (m.get(counter) + 1 !== maps) m.violate('O9', `page ${page.pfn} is mapped ${maps} times and counts ${m.get(counter) + 1}`)
        const held = pins.list(m).filter(({ pfn }) => pfn >= page.pfn && pfn < page.pfn + parts)
        const given = held.reduce((sum, { pinned }) => sum + (pinned && !large ? GUP_PIN_COUNTING_BIAS : 1), 0)
        const users = entire + pieces + given + (excluded.get(page.pfn) ?? 0) + ownReferences(m, kernel, page, parts)
        const holders = users + baseReferences(kernel, page, users, kernel.files.objects.some(({ i_pages }) => i_pages.some((slot) => m.get(slot) === page.pfn + 1)))
        const refs = m.get(page._refcount)
        // A driver drops the reference to its own page when it likes.
        if (refs === holders + 1 && kernel.memory.ofDrivers.has(page)) continue
        if (refs !== holders) m.violate('O9', `page ${page.pfn} has ${refs} references, ${holders} holders`)
      }
    }
  },
}
