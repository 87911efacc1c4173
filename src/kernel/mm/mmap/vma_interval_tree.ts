import { atomic, type Step } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'

/** The VMAs that map the file, as the interval tree has them now. They can only leave it after i_mmap_rwsem is dropped. */
export const vma_interval_tree = (mapping: AddressSpace): Step<readonly Vma[]> =>
  atomic<readonly Vma[]>('vma_interval_tree_foreach', (m) => {
    const list: Vma[] = []
    for (let vma = kernel().vmas.at(m.get(mapping.i_mmap)); vma; vma = kernel().vmas.at(m.get(vma.i_mmap))) list.push(vma)
    return list
  })
