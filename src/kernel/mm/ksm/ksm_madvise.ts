import { load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import {
  VM_DONTEXPAND, VM_HUGETLB, VM_IO, VM_MAYSHARE, VM_MERGEABLE, VM_MIXEDMAP, VM_PFNMAP, VM_SHARED,
} from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { ksm_enter } from './ksm_enter.js'
import { unmerge_ksm_pages } from './unmerge_ksm_pages.js'

const UNSUITABLE = VM_MERGEABLE | VM_SHARED | VM_MAYSHARE | VM_PFNMAP | VM_IO | VM_DONTEXPAND | VM_HUGETLB | VM_MIXEDMAP

/** mm/ksm.c:ksm_madvise: MADV_MERGEABLE or not. Returns the new vm_flags; unsuitable VMAs ignore the advice. */
export function* ksm_madvise(mm: Mm, vma: Vma, start: number, end: number, mergeable: boolean, vm_flags: number): Steps<number> {
  if (mergeable) {
    if (vm_flags & UNSUITABLE) return vm_flags
    yield* ksm_enter(mm)
    return vm_flags | VM_MERGEABLE
  }
  if (!(vm_flags & VM_MERGEABLE)) return vm_flags
  if (yield* load(vma.anon_vma, { label: 'vma->anon_vma' })) yield* unmerge_ksm_pages(mm, vma, start, end)
  return vm_flags & ~VM_MERGEABLE
}
