import type { AddressSpace } from '../kernel/include/address_space.js'
import type { Mm } from '../kernel/include/mm.js'
import type { Page } from '../kernel/include/page.js'
import type { Vma } from '../kernel/include/vma.js'

/** What a state may hand to operations. */
export interface Things {
  /** The process that lanes are threads of, with a mapping of two pages at address 0. */
  readonly mm: Mm
  /** Its child. */
  readonly child: Mm
  readonly vma: Vma
  /** What is mapped at address 0. */
  readonly page: Page
  /** The file that is mapped. */
  readonly file: AddressSpace
  /** The same, when no page of it is mapped. */
  readonly bare: AddressSpace
}

export type Thing = keyof Things
