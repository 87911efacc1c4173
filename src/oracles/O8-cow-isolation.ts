import type { Access } from '../engine/model/memory.js'
import type { Mm } from '../kernel/include/mm.js'
import { type Page, PAGE_MAPPING_ANON } from '../kernel/include/page.js'
import { VM_SHARED, VM_WRITE } from '../kernel/include/vm_flags.js'
import type { Kernel } from '../kernel/kernel.js'
import { ORACLE_NAMES } from './names.js'
import { type Pin, pinsOf } from './pins.js'
import type { Oracle } from './oracle.js'
import { translate, vmaAt } from './translate.js'

/** vma->vm_flags of the mapping that covers the address; undefined for none. */
function flagsAt(m: Access, kernel: Kernel, mm: Mm, address: number): number | undefined {
  const vma = vmaAt(m, kernel, mm, address)
  return vma && m.get(vma.vm_flags)
}

const isPrivate = (m: Access, kernel: Kernel, mm: Mm, address: number): boolean =>
  ((flagsAt(m, kernel, mm, address) ?? VM_SHARED) & VM_SHARED) === 0

/** SYSTEMS: copy-on-write isolates. */
export const O8: Oracle = {
  id: 'O8',
  name: ORACLE_NAMES.O8,
  text: `A store by one address space becomes visible through a private mapping of another or to who holds a page of another,
or changes the page of a file that is mapped privately; or memory may be written to, in the end, that the mapping does not permit.`,
  install(kernel) {
    const { memory, accessHooks } = kernel.machine
    const pins = pinsOf(kernel)
    const { places } = pins
    const owner = new Map(kernel.memory.pages.flatMap((page) => (page ? [[page.content, page] as const] : [])))
    /** By mm: 1 while fork() still copies to it and nothing runs there. */
    const copying = kernel.mms.objects.map((mm) => memory.ghost(`mm${mm.ref - 1}.forked`))
    const written = (m: Access, mm: Mm, address: number, page: Page): void => {
      const anon = (m.get(page.mapping) & PAGE_MAPPING_ANON) !== 0
      const own = isPrivate(m, kernel, mm, address)
      if (!anon && own && m.get(page.mapping)) m.violate('O8', `page ${page.pfn} of a file changes by a write to a private mapping`)
      for (const other of places) {
        if (other.mm === mm || m.get(copying[other.mm.ref - 1]!)) continue
        const theirs = `address ${other.address} of mm${other.mm.ref - 1}`
        const holds = (pin: Pin): boolean => pin.pfn === page.pfn && pin.mm === other.mm && pin.address === other.address
        if (anon && pins.list(m).some(holds)) m.violate('O8', `a write by mm${mm.ref - 1} is seen by who holds ${theirs}`)
        if (translate(m, kernel, other.mm, other.address)?.page !== page || !isPrivate(m, kernel, other.mm, other.address)) continue
        m.violate('O8', `a write by mm${mm.ref - 1} is seen at ${theirs}`)
      }
    }
    accessHooks.push((m, { space, va, page, value }) => {
      const mm = kernel.mms.objects.find(({ context }) => context === space.context)
      const target = owner.get(page)
      if (value !== undefined && mm && target) written(m, mm, va, target)
    })
    kernel.observers.push({
      forks: (m, child, done) => m.set(copying[child.ref - 1]!, done ? 0 : 1),
      writesThroughPin(m, page) {
        const holder = pins.list(m).find(({ pfn }) => pfn === page.pfn)
        if (holder) written(m, holder.mm, holder.address, page)
      },
    })
    return (m) => {
      for (const { mm, address } of places) {
        const vm_flags = flagsAt(m, kernel, mm, address)
        if (vm_flags === undefined || vm_flags & VM_WRITE || !translate(m, kernel, mm, address)?.writable) continue
        m.violate('O8', `address ${address} of mm${mm.ref - 1} may be written to, which its mapping does not permit`)
      }
    }
  },
}
