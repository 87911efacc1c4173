import type { Access } from '../engine/model/memory.js'
import type { Mm } from '../kernel/include/mm.js'
import { pmd_none, pmd_present, pmd_trans_huge, pte_none } from '../kernel/include/pgtable.js'
import { is_genuine_swap_entry, swp_offset } from '../kernel/include/swapops.js'
import type { Kernel } from '../kernel/kernel.js'
import { is_unstable } from '../kernel/mm/oom_kill/check_stable_address_space.js'
import type { Oracle } from './oracle.js'
import { CURRENT, placesOf } from './places.js'
import { translate } from './translate.js'

const NOTHING = -1

/** SYSTEMS: no completed write is lost. */
export const O6: Oracle = {
  id: 'O6',
  name: 'lost write',
  text: `A completed store, by a CPU or through a pin, landed in a copy that was thrown away, or is missing from the copy that
the address maps in the end. After MADV_FREE there may be a zero instead, until the next store.`,
  install(kernel) {
    const { memory } = kernel.machine
    const places = placesOf(kernel).map((place) => ({
      ...place,
      /** The value last written through this address or a pin taken through it. */
      latest: memory.ghost(`mm${place.mm.ref - 1}.latest[${place.address}]`, NOTHING),
      /** 1 if it may as well be a zero by now. */
      discardable: memory.ghost(`mm${place.mm.ref - 1}.discardable[${place.address}]`),
    }))
    const write = (m: Access, place: (typeof places)[number], value: number): void => {
      m.set(place.latest, value)
      m.set(place.discardable, 0)
    }
    kernel.machine.accessHooks.push((m, { space, va, value }) => {
      if (value === undefined) return
      for (const place of places) if (place.mm.context === space.context && place.address === va) write(m, place, value)
    })
    const forget = (m: Access, mm: Mm, start: number, end: number): void => {
      for (const place of places) {
        if (place.mm === mm && place.address >= start && place.address < end) m.set(place.latest, NOTHING)
      }
    }
    kernel.observers.push({
      writesThroughPin(m, page, value) {
        for (const place of places) if (m.get(place.held) === page.pfn && m.get(place.kind) & CURRENT) write(m, place, value)
      },
      deviceWrites(m, _, value, mm, at) {
        for (const place of places) if (place.mm === mm && place.address === at) write(m, place, value)
      },
      unmaps: forget,
      mayBeDiscarded(m, mm, start, end) {
        for (const place of places) if (place.mm === mm && place.address >= start && place.address < end) m.set(place.discardable, 1)
      },
      // What is written while such a call runs may have come before it.
      promises(m, _, mm, start, end, what) {
        if (what === 'no access') forget(m, mm, start, end)
      },
    })
    return (m) => {
      for (const { mm, address, latest, discardable } of places) {
        const value = m.get(latest)
        if (value === NOTHING) continue
        const now = translate(m, kernel, mm, address)
        const swapped = swappedOut(m, kernel, mm, address)
        if (!now && swapped === undefined && !isHole(m, kernel, mm, address)) continue
        const found = now ? m.get(now.page.content) : swapped ?? 0
        if (found !== value && (found !== 0 || m.get(discardable) === 0)) m.violate('O6', `address ${address} holds ${found}, the last value written was ${value}`)
      }
    }
  },
}

/** What a swap-in would find: in the swap cache, or on the device. */
function swappedOut(m: Access, kernel: Kernel, mm: Mm, address: number): number | undefined {
  const { geometry: { ptrsPerPte, swapSlots }, swap } = kernel
  const pmd = m.get(mm.pgd.entries[Math.floor(address / ptrsPerPte)]!)
  if (swapSlots === 0 || !pmd_present(pmd) || pmd_trans_huge(pmd)) return undefined
  const pte = m.get(kernel.pmd_pgtable(pmd).entries[address % ptrsPerPte]!)
  if (!is_genuine_swap_entry(pte)) return undefined
  const cached = m.get(swap.i_pages[swp_offset(pte)]!)
  return m.get(cached ? kernel.page(cached - 1).content : swap.content[swp_offset(pte)]!)
}

/** Whether the next access would find a page of zeroes: private anonymous memory whose entry is none. */
function isHole(m: Access, kernel: Kernel, mm: Mm, address: number): boolean {
  const { geometry: { ptrsPerPte }, vmas } = kernel
  if (is_unstable(m.get(mm.flags))) return false
  const pmd = m.get(mm.pgd.entries[Math.floor(address / ptrsPerPte)]!)
  if (!pmd_none(pmd) && (!pmd_present(pmd) || !pte_none(m.get(kernel.pmd_pgtable(pmd).entries[address % ptrsPerPte]!)))) return false
  for (let vma = vmas.at(m.get(mm.mmap)); vma; vma = vmas.at(m.get(vma.vm_next))) {
    if (m.get(vma.vm_start) <= address && address < m.get(vma.vm_end)) return m.get(vma.vm_file) === 0
  }
  return false
}
