import type { Access, Cell } from '../engine/model/memory.js'
import type { AddressSpace } from '../kernel/include/address_space.js'
import type { Mm } from '../kernel/include/mm.js'
import type { Page } from '../kernel/include/page.js'
import { pmd_none, pmd_present, pmd_trans_huge, pte_none } from '../kernel/include/pgtable.js'
import { is_genuine_swap_entry, swp_offset } from '../kernel/include/swapops.js'
import { VM_SHARED } from '../kernel/include/vm_flags.js'
import type { Kernel } from '../kernel/kernel.js'
import { is_unstable } from '../kernel/mm/oom_kill/check_stable_address_space.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'
import { pinsOf, type Place } from './pins.js'
import { translate, vmaAt } from './translate.js'

const NOTHING = -1

/** SYSTEMS: no completed write is lost. */
export const O6: Oracle = {
  id: 'O6',
  name: ORACLE_NAMES.O6,
  text: `A completed store, by a CPU, a device or through a pin, is missing: from what a later load at the address finds, or from the copy
that the address maps in the end; it landed in a copy that was thrown away. After MADV_FREE there may be a zero instead, until the
next store. While somebody takes the mapping away the address may lead to either page.`,
  install(kernel) {
    const { memory } = kernel.machine
    const pins = pinsOf(kernel)
    const places = pins.places.map((place) => ({
      ...place,
      /** The value last written through this address, a pin taken through it, or another mapping of the page. */
      latest: memory.ghost(`mm${place.mm.ref - 1}.latest[${place.address}]`, NOTHING),
      /** 1 if it may as well be a zero by now. */
      discardable: memory.ghost(`mm${place.mm.ref - 1}.discardable[${place.address}]`),
    }))
    type Remembered = (typeof places)[number]
    const placeAt = (mm: Mm, address: number): Remembered | undefined => places.find((place) => place.mm === mm && place.address === address)
    const write = (m: Access, place: Remembered, value: number): void => {
      m.set(place.latest, value)
      m.set(place.discardable, 0)
    }
    /** A page that was written through a pin on its way to another address: no entry maps it then. */
    const onItsWay = memory.ghost('written on its way')
    const owner = new Map(kernel.memory.pages.flatMap((page) => (page ? [[page.content, page] as const] : [])))
    /** Who maps the page has it too; and whoever maps what the page is a part of, whether he has faulted it in or not. */
    const writePage = (m: Access, content: Cell, value: number): void => {
      const part = partOf(m, kernel, owner.get(content))
      for (const place of places) {
        const maps = translate(m, kernel, place.mm, place.address)?.page.content === content
        if (maps || (part && isMapped(m, kernel, place, part))) write(m, place, value)
      }
    }
    const wrong = (m: Access, { latest, discardable }: Remembered, found: number): boolean =>
      m.get(latest) !== NOTHING && found !== m.get(latest) && (found !== 0 || m.get(discardable) === 0)
    kernel.machine.accessHooks.push((m, { space, va, page, value }) => {
      const mm = kernel.mms.objects.find(({ context }) => context === space.context)
      const place = mm && placeAt(mm, va)
      if (!place) return
      if (value !== undefined) {
        writePage(m, page, value)
        write(m, place, value)
      } else if (!pins.isTaken(m, place.mm, va) && wrong(m, place, m.get(page))) {
        m.violate('O6', `a load at address ${va} finds ${m.get(page)}, the last value written was ${m.get(place.latest)}`)
      }
    })
    const forget = (m: Access, mm: Mm, start: number, end: number): void => {
      for (const place of places) {
        if (place.mm === mm && place.address >= start && place.address < end) m.set(place.latest, NOTHING)
      }
    }
    kernel.observers.push({
      writesThroughPin(m, page, value) {
        writePage(m, page.content, value)
        if (pins.isTransferring(m)) m.set(onItsWay, page.pfn)
        for (const pin of pins.list(m)) if (pin.pfn === page.pfn && pin.current) write(m, placeAt(pin.mm, pin.address)!, value)
      },
      deviceStores: (m, content, value) => writePage(m, content, value),
      deviceWrites(m, page, value, mm, address) {
        writePage(m, page.content, value)
        write(m, placeAt(mm, address)!, value)
      },
      unmaps: (m, _, mm, start, end) => forget(m, mm, start, end),
      transferred(m, mm, from, to) {
        const [before, now] = [placeAt(mm, from)!, placeAt(mm, to)!]
        const came = translate(m, kernel, mm, to)?.page
        const written = came !== undefined && m.get(onItsWay) === came.pfn && m.get(before.latest) !== NOTHING
        m.set(now.latest, written ? m.get(came.content) : m.get(before.latest))
        m.set(onItsWay, 0)
        m.set(now.discardable, m.get(before.discardable))
      },
      mayBeDiscarded(m, mm, start, end) {
        for (const place of places) if (place.mm === mm && place.address >= start && place.address < end) m.set(place.discardable, 1)
      },
      // What is written while such a call runs may have come before it.
      promises(m, _, mm, start, end, what) {
        if (what === 'no access') forget(m, mm, start, end)
      },
    })
    return (m) => {
      for (const place of places) {
        const { mm, address } = place
        const value = m.get(place.latest)
        if (value === NOTHING) continue
        const now = translate(m, kernel, mm, address)
        const swapped = swappedOut(m, kernel, mm, address)
        if (!now && swapped === undefined && !isHole(m, kernel, mm, address)) continue
        const found = now ? m.get(now.page.content) : swapped ?? 0
        if (wrong(m, place, found)) m.violate('O6', `address ${address} holds ${found}, the last value written was ${value}`)
      }
    }
  },
}

/** A page of a file or of a driver's object, by its place in that. */
interface Part {
  readonly mapping: AddressSpace
  readonly index: number
}

function partOf(m: Access, { files, bufferObjects }: Kernel, page: Page | undefined): Part | undefined {
  if (!page) return undefined
  for (const mapping of files.objects) {
    const index = mapping.i_pages.findIndex((slot) => m.get(slot) === page.pfn + 1)
    if (index >= 0) return { mapping, index }
  }
  for (const { mapping, pages, num_pages } of bufferObjects) {
    const index = page.pfn - m.get(pages)
    if (mapping && index >= 0 && index < num_pages) return { mapping, index }
  }
  return undefined
}

function isMapped(m: Access, kernel: Kernel, { mm, address }: Place, { mapping, index }: Part): boolean {
  const vma = vmaAt(m, kernel, mm, address)
  return vma !== undefined && m.get(vma.vm_file) === mapping.ref && (m.get(vma.vm_flags) & VM_SHARED) !== 0 &&
    m.get(vma.vm_pgoff) + address - m.get(vma.vm_start) === index
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
  const { ptrsPerPte } = kernel.geometry
  if (is_unstable(m.get(mm.flags))) return false
  const pmd = m.get(mm.pgd.entries[Math.floor(address / ptrsPerPte)]!)
  if (!pmd_none(pmd) && (!pmd_present(pmd) || !pte_none(m.get(kernel.pmd_pgtable(pmd).entries[address % ptrsPerPte]!)))) return false
  const vma = vmaAt(m, kernel, mm, address)
  return vma !== undefined && m.get(vma.vm_file) === 0
}
