import { load, type Steps } from '../../../engine/model/step.js'
import { bug } from '../../bug.js'
import { EBUSY } from '../../include/errno.js'
import { VM_FAULT_NOPAGE, VM_FAULT_SIGBUS } from '../../include/fault.js'
import { VM_MIXEDMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { insert_page } from './insert_page.js'
import { in_vma, insert_pfn, type InsertOptions } from './insert_pfn.js'

const PLAIN: InsertOptions = { devmap: false, write: false }

/**
 * mm/memory.c:__vm_insert_mixed, and with `write` vmf_insert_mixed_mkwrite. Without a special bit a frame that has a struct page is told apart by nothing, and has to be
 * mapped like a page of a file: counted, and open to GUP. `devmap`: memory of a device with a pgmap, where there are such entries.
 */
export function* vmf_insert_mixed(vma: Vma, address: number, pfn: number, options = PLAIN): Steps<number> {
  const devmap = options.devmap && kernel().profile.pteDevmap
  const flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (!(flags & VM_MIXEDMAP) && !devmap) yield* bug('vmf_insert_mixed() into a mapping that is no MIXEDMAP')
  if (!(yield* in_vma(vma, address))) return VM_FAULT_SIGBUS
  const page = kernel().memory.pages[pfn]
  if (kernel().profile.pteSpecial || devmap || !page) return yield* insert_pfn(vma, address, pfn, { ...options, devmap })
  const error = yield* insert_page(vma, address, page)
  return error === 0 || error === -EBUSY ? VM_FAULT_NOPAGE : VM_FAULT_SIGBUS
}
