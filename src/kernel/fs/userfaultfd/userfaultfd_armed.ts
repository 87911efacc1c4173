import { load, type Steps } from '../../../engine/model/step.js'
import { VM_UFFD_MISSING, VM_UFFD_WP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'

/** include/linux/userfaultfd_k.h:userfaultfd_armed: somebody is told of faults in the VMA, of these kinds. No step where there are no monitors. */
export function* userfaultfd_armed(vma: Vma, kinds = VM_UFFD_WP | VM_UFFD_MISSING): Steps<boolean> {
  if (kernel().geometry.userfaultfds === 0) return false
  return ((yield* load(vma.vm_flags, { label: 'userfaultfd_armed(vma)' })) & kinds) !== 0
}
