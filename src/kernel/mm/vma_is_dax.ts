import { load, type Steps } from '../../engine/model/step.js'
import type { Vma } from '../include/vma.js'
import { kernel } from '../kernel.js'

/** include/linux/fs.h:vma_is_dax: what is mapped is memory of a device itself, by devmap entries that count nothing. */
export function* vma_is_dax(vma: Vma): Steps<boolean> {
  return kernel().files.at(yield* load(vma.vm_file, { label: 'vma_is_dax(vma)' }))?.vm_ops?.dax === true
}

/** include/linux/fs.h:vma_is_fsdax: a file, not a device. A long-term pin would keep its blocks from ever being freed. */
export function* vma_is_fsdax(vma: Vma): Steps<boolean> {
  const file = kernel().files.at(yield* load(vma.vm_file, { label: 'vma_is_fsdax(vma)' }))
  return file !== undefined && file.dax_entries.length > 0
}
