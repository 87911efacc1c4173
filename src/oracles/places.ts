import type { Access, Cell } from '../engine/model/memory.js'
import { FOLL_PIN } from '../kernel/include/gup_flags.js'
import type { Mm } from '../kernel/include/mm.js'
import { PAGE_MAPPING_ANON } from '../kernel/include/page.js'
import type { Kernel } from '../kernel/kernel.js'

/** An address of an address space, with what GUP handed out for it. */
export interface Place {
  readonly mm: Mm
  readonly address: number
  /** The pfn last handed out and not given back; 0 for none. */
  readonly held: Cell
  /** PINNED, STAYS and CURRENT, of what is held. */
  readonly kind: Cell
}

/** It is a FOLL_PIN, not a plain reference. */
export const PINNED = 1
/** It is a FOLL_PIN on anonymous memory, and the address space has not unmapped the address since. */
export const STAYS = 2
/** The address space has not unmapped the address since GUP was called, whatever is held. */
export const CURRENT = 4

const known = new WeakMap<Kernel, readonly Place[]>()

/** All places of a kernel, kept up to date by an observer. Laid out at the first call. */
export function placesOf(kernel: Kernel): readonly Place[] {
  const made = known.get(kernel)
  if (made) return made
  const { memory } = kernel.machine
  const places = kernel.mms.objects.flatMap((mm) =>
    Array.from({ length: kernel.taskSize }, (_, address) => ({
      mm, address,
      held: memory.ghost(`mm${mm.ref - 1}.held[${address}]`),
      kind: memory.ghost(`mm${mm.ref - 1}.kind[${address}]`),
    })))
  const forget = (m: Access, place: Place): void => {
    m.set(place.held, 0)
    m.set(place.kind, 0)
  }
  const change = (m: Access, mm: Mm, start: number, end: number, clear: number, set: number): void => {
    for (let address = start; address < end; address++) {
      const { kind } = placeAt(places, mm, address)
      m.set(kind, (m.get(kind) & ~clear) | set)
    }
  }
  kernel.observers.push({
    gupStarts: (m, _, mm, start, end) => change(m, mm, start, end, 0, CURRENT),
    gupReturns(m, _, mm, start, pages, flags) {
      pages.forEach((page, i) => {
        const place = placeAt(places, mm, start + i)
        m.set(place.held, page.pfn)
        const anon = m.get(page.mapping) & PAGE_MAPPING_ANON
        m.set(place.kind, (m.get(place.kind) & CURRENT) | (flags & FOLL_PIN ? PINNED | (anon ? STAYS : 0) : 0))
      })
    },
    unpins(m, page) {
      for (const place of places) if (m.get(place.held) === page.pfn) forget(m, place)
    },
    unmaps: (m, mm, start, end) => change(m, mm, start, end, STAYS | CURRENT, 0),
    promises(m, _, mm, start, end, what) {
      if (what === 'no access') change(m, mm, start, end, CURRENT, 0)
    },
  })
  known.set(kernel, places)
  return places
}

export const placeAt = <P extends Place>(places: readonly P[], mm: Mm, address: number): P =>
  places.find((place) => place.mm === mm && place.address === address)!
