import { load, type Steps } from '../../../engine/model/step.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'

/** Drivers that count their mappings. Only then does asking take a step. */
const any_opens = (): boolean => kernel().files.objects.some(({ vm_ops }) => vm_ops?.open)

/** vma->vm_ops->open, of a VMA that is a copy of another. */
export function* vma_open(vma: Vma): Steps {
  if (!any_opens()) return
  const vm_ops = kernel().files.at(yield* load(vma.vm_file, { label: 'vma->vm_ops' }))?.vm_ops
  if (vm_ops?.open) yield* vm_ops.open(vma)
}
