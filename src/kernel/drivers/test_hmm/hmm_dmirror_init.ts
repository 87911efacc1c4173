import type { Kernel } from '../../kernel.js'
import { dmirror_devmem_free } from './devmem.js'
import { dmirror_devmem_fault } from './dmirror_devmem_fault.js'
import { dmirror_interval_invalidate } from './dmirror_interval_invalidate.js'

/** lib/test_hmm.c:hmm_dmirror_init: loads the driver, at set-up, for a kernel whose geometry has `mirrors`. */
export function hmm_dmirror_init(kernel: Kernel): void {
  for (const { pagemap } of kernel.hmm.devices) {
    pagemap.ops = { page_free: dmirror_devmem_free, migrate_to_ram: dmirror_devmem_fault }
  }
  for (const mirror of kernel.hmm.mirrors) {
    mirror.notifier.invalidate = (range, seq) => dmirror_interval_invalidate(mirror, range, seq)
  }
}
