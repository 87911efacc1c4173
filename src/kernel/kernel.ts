import { replaceFunctions } from '../engine/model/replace.js'
import type { Machine } from '../machine/machine.js'
import type { RcuHead } from '../machine/rcu.js'
import type { KernelChanges } from './changes/changes_of.js'
import type { Geometry } from './geometry.js'
import type { AnonVma } from './include/anon_vma.js'
import { PAGE_MAPPING_FLAGS, type Page } from './include/page.js'
import type { PageTable } from './include/page_table.js'
import { PFN_SHIFT, type Pmd } from './include/pgtable.js'
import { type Booting, type LaidOut, LAYOUT } from './layout.js'

export interface KernelOptions {
  readonly geometry: Geometry
  readonly changes: KernelChanges
}

/** What all parts of LAYOUT have laid out, by name. */
const Laid = class {
  constructor(booting: Booting) {
    Object.assign(this, booting)
    this.layOut()
  }

  private layOut(): void {
    for (const [part, layOut] of Object.entries(LAYOUT)) Object.assign(this, { [part]: layOut(this as unknown as Kernel) })
  }
} as unknown as new (booting: Booting) => Booting & LaidOut

/** A machine that has booted: every object the memory manager may use (layout.ts), and the settings it runs under. */
export class Kernel extends Laid {
  constructor(machine: Machine, { geometry, changes }: KernelOptions) {
    super({
      machine, geometry, changes, profile: machine.profile, cells: machine.memory, cpus: machine.cpus,
      taskSize: geometry.ptrsPerPmd * geometry.ptrsPerPte,
    })
  }

  page(pfn: number): Page {
    const page = this.memory.pages[pfn]
    if (!page) throw new Error(`no page ${pfn}`)
    return page
  }

  /** The table a PMD word points to. */
  pmd_pgtable(pmd: Pmd): PageTable {
    return this.tables.deref(pmd >>> PFN_SHIFT)
  }

  /** What call_rcu() needs to free a page table later. */
  rcuHead(table: PageTable): RcuHead {
    return this.tableHeads[table.ref - 1]!
  }

  anon_vma(mapping: number): AnonVma {
    return this.anonVmas.deref((mapping & ~PAGE_MAPPING_FLAGS) >>> 2)
  }
}

let current: Kernel | undefined

/** Makes a kernel the one that model code runs on. A program calls this before its model code runs. */
export const activate = (booted: Kernel): void => {
  current = booted
  replaceFunctions(booted.changes.replaced)
}

/** The kernel that runs. */
export const kernel = (): Kernel => {
  if (!current) throw new Error('no kernel is active')
  return current
}

/** Whether this kernel has the change `id`: a commit, a proposal or a mutation. */
export const has = (id: string): boolean => kernel().changes.ids.has(id)
