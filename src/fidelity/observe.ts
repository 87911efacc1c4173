import { PG_anon_exclusive } from '../kernel/include/page_flags.js'
import type { Page } from '../kernel/include/page.js'
import {
  FLAGS_MASK, is_swap_pmd, pmd_none, pmd_pfn, pmd_trans_huge, pte_none, pte_pfn, pte_present, pte_soft_dirty, pte_write,
} from '../kernel/include/pgtable.js'
import { is_device_private_entry, is_migration_entry, pte_swp_soft_dirty, SWP, swp_offset, swp_type } from '../kernel/include/swapops.js'
import { VM_IO, VM_MAYSHARE, VM_PFNMAP, VM_READ, VM_EXEC, VM_SOFTDIRTY, VM_WRITE } from '../kernel/include/vm_flags.js'
import type { Vma } from '../kernel/include/vma.js'
import { byKernel } from '../machine/kernels.js'
import { isExclusive, pageFlags, PageViews } from './page_view.js'
import type { ModelRecord, Observation } from './program.js'
import type { Process, System } from './system.js'

/** Canonical names of page frames: numbered as they appear, forgotten when no observed entry maps them. */
export class Frames {
  private live = new Map<string, number>()
  private seen = new Map<string, number>()
  private next = 0

  name(key: string): number {
    const known = this.seen.get(key) ?? this.live.get(key) ?? this.next++
    this.seen.set(key, known)
    return known
  }

  /** A step has been observed. */
  turn(): void {
    this.live = this.seen
    this.seen = new Map()
  }
}

/** What maps an address. */
interface Mapping {
  /** As in recordings: 0 none, 1 PTE, 2 PMD, 3 not present PTE, 4 not present PMD. */
  readonly kind: 0 | 1 | 2 | 3 | 4
  readonly word: number
  readonly page?: Page
}

/** Whether fs/proc/task_mmu.c takes the mapcount of the first page of a huge mapping for that of all; 6.12 looks at each. */
const HEAD_STANDS_FOR_ALL = byKernel({ '6.1': true, '6.12': false, '7.2': true })

/** fs/proc/task_mmu.c:pagemap_pmd_range_thp asks vm_normal_page_pmd(), which since 7.3 knows the huge zero page. */
const HUGE_ZERO_IS_SPECIAL = byKernel({ '6.1': false, '7.3': true })

/** Where an observation has the flags of its page. */
const CORE = 11
const VOLATILE = 12

const PERM = { none: 0, read: 1, write: 2, pmd: 4, zero: 0x10, devicePrivate: 0x20, error: 0xff }
const NONE: Mapping = { kind: 0, word: 0 }

const mappingAt = (system: System, process: Process, address: number): Mapping => {
  const { kernel } = system
  const pmd = system.get(process.mm.pgd.entry(address))
  if (pmd_none(pmd)) return NONE
  if (is_swap_pmd(pmd)) return { kind: 4, word: pmd }
  if (pmd_trans_huge(pmd)) {
    return { kind: 2, word: pmd, page: kernel.page(pmd_pfn(pmd) + (address % kernel.geometry.ptrsPerPte)) }
  }
  const pte = system.get(kernel.pmd_pgtable(pmd).entry(address))
  if (pte_none(pte)) return NONE
  if (pte_present(pte)) return { kind: 1, word: pte, page: kernel.page(pte_pfn(pte)) }
  return is_migration_entry(pte) || is_device_private_entry(pte)
    ? { kind: 3, word: pte, page: kernel.page(swp_offset(pte)) } : { kind: 3, word: pte }
}

const pageOf = (system: System, id: number, address: number): Page | undefined => {
  const process = system.processes.get(id)
  return process && mappingAt(system, process, address).page
}

/**
 * Whether a recording shows flags of a page that here are otherwise, as where it is still in a batch of the LRU: then the batch may have
 * got full meanwhile. What else fills it, pages of the recorder and of its processes' stacks, is in no recording.
 */
export const showsDrain = (system: System, observed: readonly Observation[]): boolean => {
  const views = new PageViews(system)
  return observed.some((observation) => {
    const [id, at] = observation
    const page = pageOf(system, Number(id), Number(at))
    if (!page || system.isZeroPage(page)) return false
    const [core, changing] = pageFlags(system, page, views.of(page))
    return core !== observation[CORE] || changing !== observation[VOLATILE]
  })
}

/** lib/test_hmm.c:dmirror_mkentry of a snapshot. */
const permission = (system: System, vm_flags: number | undefined, { kind, word, page }: Mapping): number => {
  if (vm_flags === undefined || vm_flags & (VM_IO | VM_PFNMAP) || !(vm_flags & VM_READ)) return PERM.error
  if (kind === 3) {
    if (!is_device_private_entry(word)) return PERM.none
    return PERM.devicePrivate | (swp_type(word) === SWP.DEVICE_WRITE ? PERM.write : PERM.read)
  }
  if (kind === 0 || kind === 4 || !(word & 1)) return PERM.none
  const zero = page === system.kernel.memory.zeroPage ? PERM.zero : 0
  return zero | (pte_write(word) ? PERM.write : PERM.read) | (kind === 2 ? PERM.pmd : 0)
}

const softDirty = (system: System, vm_flags: number | undefined, { kind, word }: Mapping): number => {
  if (vm_flags === undefined || !system.kernel.profile.softDirty) return 0
  const entry = kind === 1 || kind === 2 ? pte_soft_dirty(word) : kind !== 0 && pte_swp_soft_dirty(word)
  return entry || vm_flags & VM_SOFTDIRTY ? 1 : 0
}

const frameOf = (system: System, frames: Frames, { kind, word, page }: Mapping): number | string => {
  const { zeroPage, hugeZeroPage } = system.kernel.memory
  if (page === zeroPage) return 'Z'
  if (kind === 2 && pmd_pfn(word) === hugeZeroPage.pfn) return 'HZ'
  return frames.name(`${kind < 3} ${page?.pfn ?? word}`)
}

/** What an observation is made with. */
interface Observer {
  readonly system: System
  readonly frames: Frames
  readonly views: PageViews
}

const observePage = ({ system, frames, views }: Observer, id: number, at: number, vm_flags: number | undefined, map: Mapping): Observation => {
  const perm = permission(system, vm_flags, map)
  const sd = softDirty(system, vm_flags, map)
  if (map.kind === 0) return [id, at, '-', perm, sd]
  const frame = frameOf(system, frames, map)
  const view = map.page && views.of(map.page)
  const zero = map.page === system.kernel.memory.zeroPage
  const counted = map.kind === 2 && view && HEAD_STANDS_FOR_ALL.on(system.kernel.changes.kernel) ? views.of(view.head) : view
  const hugeZero = map.kind === 2 && pmd_pfn(map.word) === system.kernel.memory.hugeZeroPage.pfn
  const normal = !zero && !(hugeZero && HUGE_ZERO_IS_SPECIAL.on(system.kernel.changes.kernel))
  const once = counted && normal && counted.mapcount === 1 && !is_migration_entry(map.kind === 3 ? map.word : 0) ? 1 : 0
  const file = view && normal && !view.anon ? 1 : 0
  if (map.kind > 2 || !map.page || !view) return [id, at, 'S', perm, sd, -1, frame, 0, once, file, 0, '', '']
  const [core, changing] = pageFlags(system, map.page, view)
  return [id, at, 'P', perm, sd, view.content, frame, isExclusive(system, view), once, file, view.mapcount, core, changing]
}

const observeKernel = ({ system, views }: Observer, id: number, at: number, vm_flags: number | undefined, map: Mapping): Observation => {
  const low = map.kind === 4 ? 0 : map.word & FLAGS_MASK
  const vm = ((vm_flags ?? 0) >>> 0).toString(16)
  if (!map.page) return [id, at, map.kind, low.toString(16), 0, 0, 0, 0, 0, 0, 0, vm, '0']
  const view = views.of(map.page)
  const flags = map.kind === 2 ? system.get(view.head.flags) : view.flags
  const exclusive = view.anon && flags & PG_anon_exclusive ? 1 : 0
  return [id, at, map.kind, low.toString(16), view.refcount, view.mapcount, view.own_mapcount, view.compound_mapcount,
    view.total_mapcount, view.pincount, exclusive, vm, view.flags.toString(16)]
}

const observeVma = (system: System, id: number, vma: Vma): Observation => {
  const flags = system.get(vma.vm_flags)
  const letters = [flags & VM_READ ? 'r' : '-', flags & VM_WRITE ? 'w' : '-', flags & VM_EXEC ? 'x' : '-', flags & VM_MAYSHARE ? 's' : 'p']
  return [id, system.get(vma.vm_start), system.get(vma.vm_end), letters.join('')]
}

const vmasOf = (system: System, process: Process): Vma[] => {
  const { vmas } = system.kernel
  const list: Vma[] = []
  for (let vma = vmas.at(system.get(process.mm.mmap)); vma; vma = vmas.at(system.get(vma.vm_next))) list.push(vma)
  return list
}

/** What a recording holds after each operation: pages, kernel view and VMAs of every live process. */
export const observe = (system: System, pages: readonly number[], frames: Frames): Pick<ModelRecord, 'o' | 'm' | 'k' | 'mapped'> => {
  const observer = { system, frames, views: new PageViews(system) }
  const [o, m, k]: [Observation[], Observation[], Observation[]] = [[], [], []]
  for (const [id, process] of [...system.processes].toSorted(([a], [b]) => a - b)) {
    const vmas = vmasOf(system, process)
    for (const at of pages) {
      const vma = vmas.find((v) => system.get(v.vm_start) <= at && at < system.get(v.vm_end))
      const vm_flags = vma && system.get(vma.vm_flags)
      const map = mappingAt(system, process, at)
      o.push(observePage(observer, id, at, vm_flags, map))
      k.push(observeKernel(observer, id, at, vm_flags, map))
    }
    for (const vma of vmas) m.push(observeVma(system, id, vma))
  }
  frames.turn()
  return { o, m, k, mapped: (id, at) => pageOf(system, id, at) }
}
