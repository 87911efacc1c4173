import type { Access, Cell } from '../engine/model/memory.js'
import { HPAGE_RESV_OWNER, type ResvMap } from '../kernel/include/resv_map.js'
import { VM_HUGETLB, VM_MAYSHARE } from '../kernel/include/vm_flags.js'
import type { Vma } from '../kernel/include/vma.js'
import type { Kernel } from '../kernel/kernel.js'
import { region_bits } from '../kernel/mm/hugetlb/resv_map.js'

const vmas = (m: Access, kernel: Kernel): Vma[] => {
  const all: Vma[] = []
  for (const mm of kernel.mms.objects) {
    for (let vma = kernel.vmas.at(m.get(mm.mmap)); vma; vma = kernel.vmas.at(m.get(vma.vm_next))) all.push(vma)
  }
  return all
}

/** Places of a file that are in its map and have no page. */
const promisedToFile = (m: Access, resv: ResvMap, pages: readonly Cell[]): number =>
  pages.filter((slot, index) => region_bits(m, resv, index, index + 1) > 0 && m.get(slot) === 0).length

/** Places of a private mapping that its owner has not used. */
const promisedToVma = (m: Access, kernel: Kernel, vma: Vma): number => {
  const data = m.get(vma.vm_private_data)
  if (!(data & HPAGE_RESV_OWNER) || (m.get(vma.vm_flags) & (VM_HUGETLB | VM_MAYSHARE)) !== VM_HUGETLB) return 0
  const start = m.get(vma.vm_pgoff)
  const length = m.get(vma.vm_end) - m.get(vma.vm_start)
  return length - region_bits(m, kernel.resvMaps.deref(data >>> 2), start, start + length)
}

/** What is wrong with the counts of hugetlbfs when nothing runs. */
export function wrongHugetlbCount(m: Access, kernel: Kernel): string | undefined {
  const { memory, files } = kernel
  let free = 0
  for (let page = memory.pages[m.get(memory.freeHugetlb)]; page; page = memory.pages[m.get(page.lru)]) free++
  if (free !== m.get(memory.free_huge_pages)) return `${free} huge pages are free, and ${m.get(memory.free_huge_pages)} are counted`
  const open = files.objects.filter((file) => m.get(file.f_count) > 0 && file.resv_map)
  const shared = open.reduce((sum, file) => sum + promisedToFile(m, file.resv_map!, file.i_pages), 0)
  const reserved = vmas(m, kernel).reduce((sum, vma) => sum + promisedToVma(m, kernel, vma), shared)
  const counted = m.get(memory.resv_huge_pages)
  return reserved === counted ? undefined : `${reserved} huge pages are set aside for somebody, and ${counted} are counted`
}
