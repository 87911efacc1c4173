import { load, type Steps } from '../../../engine/model/step.js'
import { userfaultfd_wp } from '../../include/userfaultfd.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'

/** include/linux/userfaultfd_k.h:userfaultfd_armed: somebody is told of faults in the VMA. No step where there are no monitors. */
export function* userfaultfd_armed(vma: Vma): Steps<boolean> {
  if (kernel().geometry.userfaultfds === 0) return false
  return userfaultfd_wp(yield* load(vma.vm_flags, { label: 'userfaultfd_armed(vma)' }))
}
