import { VM_DONTEXPAND, VM_IO, VM_MIXEDMAP, VM_PFNMAP } from '../../include/vm_flags.js'
import { has } from '../../kernel.js'

/** drivers/gpu/drm/ttm/ttm_bo_vm.c:ttm_bo_mmap_obj: the flags that a mapping of an object gets. */
export const ttm_bo_mmap_flags = (): number => {
  const kind = !has('f91142c62161') ? VM_MIXEDMAP : VM_PFNMAP
  return kind | VM_DONTEXPAND | (has('driver-without-vm-io') ? 0 : VM_IO)
}
