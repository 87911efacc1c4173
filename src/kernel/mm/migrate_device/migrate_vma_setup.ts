import { load, type Steps } from '../../../engine/model/step.js'
import { MIGRATE_PFN_MIGRATE, type MigrateVma } from '../../include/migrate_vma.js'
import { VM_HUGETLB, VM_SPECIAL } from '../../include/vm_flags.js'
import { migrate_device_unmap } from './migrate_device_unmap.js'
import { migrate_vma_collect } from './migrate_vma_collect.js'

/** mm/migrate_device.c:migrate_vma_setup. The src array: what the driver may migrate; undefined for -EINVAL. */
export function* migrate_vma_setup(args: MigrateVma): Steps<readonly number[] | undefined> {
  const { vma, start, end } = args
  if ((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & (VM_SPECIAL | VM_HUGETLB) || start >= end) return undefined
  if (start < (yield* load(vma.vm_start, { label: 'vma->vm_start' }))) return undefined
  if (end > (yield* load(vma.vm_end, { label: 'vma->vm_end' }))) return undefined
  const src = yield* migrate_vma_collect(args)
  return src.some((mpfn) => mpfn & MIGRATE_PFN_MIGRATE) ? yield* migrate_device_unmap(src, args.fault_page) : src
}
