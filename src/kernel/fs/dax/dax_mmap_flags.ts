import { VM_HUGEPAGE, VM_MIXEDMAP } from '../../include/vm_flags.js'
import { has } from '../../kernel.js'

/** fs/ext4/file.c:ext4_file_mmap and drivers/dax/device.c:dax_mmap: the flags that a mapping of DAX memory gets. */
export const dax_mmap_flags = (): number => (!has('e1fb4a086495') ? VM_MIXEDMAP | VM_HUGEPAGE : VM_HUGEPAGE)
