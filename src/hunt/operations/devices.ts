import { sva_read, sva_write } from '../../kernel/drivers/iommu_sva/sva_access.js'
import { guest_read, guest_write } from '../../kernel/drivers/secondary_mmu/guest_access.js'
import { kvm_page_fault } from '../../kernel/drivers/secondary_mmu/kvm_page_fault.js'
import { dmirror_read, dmirror_write } from '../../kernel/drivers/test_hmm/dmirror_access.js'
import { dmirror_atomic_inc, dmirror_exclusive } from '../../kernel/drivers/test_hmm/dmirror_exclusive.js'
import { dmirror_device_evict_chunk } from '../../kernel/drivers/test_hmm/dmirror_fops.js'
import { dmirror_migrate_to_device, dmirror_migrate_to_system } from '../../kernel/drivers/test_hmm/dmirror_migrate.js'
import { mmu_notifier_register } from '../../kernel/mm/mmu_notifier/mmu_notifier_register.js'
import { operation } from '../operation.js'

/** Guests and devices that follow the page tables of the process. */
export const deviceOperations = [
  operation({
    name: 'guest reads', needs: ['mm', 'mmu'], by: 'mm',
    run: function* ({ mm, mmu }) {
      yield* guest_read(mmu, mm, 0)
    },
  }),
  operation({
    name: 'guest writes', needs: ['mm', 'mmu'], by: 'mm',
    run: function* ({ mm, mmu }) {
      yield* guest_write(mmu, mm, 0, 8)
    },
  }),
  operation({
    name: 'guest faults second page', needs: ['mm', 'mmu'], by: 'mm',
    run: function* ({ mm, mmu }) {
      yield* kvm_page_fault(mmu, mm, 1, true)
    },
  }),
  operation({
    name: 'guest starts', needs: ['mm', 'spareMmu'], by: 'mm', single: true,
    run: function* ({ mm, spareMmu }) {
      yield* mmu_notifier_register(spareMmu.notifier, mm)
      yield* guest_write(spareMmu, mm, 0, 8)
    },
  }),
  operation({
    name: 'SVA device reads', needs: ['mm', 'sva'],
    run: function* ({ mm, sva }) {
      yield* sva_read(sva, mm, 0)
    },
  }),
  operation({
    name: 'SVA device writes', needs: ['mm', 'sva'],
    run: function* ({ mm, sva }) {
      yield* sva_write(sva, mm, 0, 8)
    },
  }),
  operation({
    name: 'to device memory', needs: ['mm', 'device'], by: 'mm',
    run: function* ({ mm, device }) {
      yield* dmirror_migrate_to_device(device, mm, 0, 1)
    },
  }),
  operation({
    name: 'to system memory', needs: ['mm', 'device'], by: 'mm',
    run: function* ({ mm, device }) {
      yield* dmirror_migrate_to_system(device, mm, 0, 1)
    },
  }),
  operation({
    name: 'device evicts', needs: ['device'],
    run: function* ({ device }) {
      yield* dmirror_device_evict_chunk(device.mdevice)
    },
  }),
  operation({
    name: 'mirror reads', needs: ['mm', 'mirror'], by: 'mm',
    run: function* ({ mm, mirror }) {
      yield* dmirror_read(mirror, mm, 0, 1)
    },
  }),
  operation({
    name: 'mirror writes', needs: ['mm', 'mirror'], by: 'mm',
    run: function* ({ mm, mirror }) {
      yield* dmirror_write(mirror, mm, 0, 1, 8)
    },
  }),
  operation({
    name: 'exclusive access', needs: ['mm', 'mirror'], by: 'mm',
    run: function* ({ mm, mirror }) {
      yield* dmirror_exclusive(mirror, mm, 0, 1)
      yield* dmirror_atomic_inc(mirror, 0)
    },
  }),
]
