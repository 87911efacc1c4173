import {
  type Allocated, down_write, holds, kfree, load, mutex_lock, mutex_unlock, race, reach, type Setup, type Steps, up_write, violates,
} from 'mmrace'
import { type Cell, fetchAdd, store } from 'mmrace/engine'

/** A memslot whose memory is a guest_memfd, and that file with its bindings. */
interface Gmem {
  readonly slots_lock: Cell
  /** The invalidate lock of the file. */
  readonly invalidate_lock: Cell
  readonly f_count: Cell
  /** slot->gmem.file: whether the slot has a file. */
  readonly file: Cell
  /** gmem->bindings: whether the file leads to the slot. */
  readonly binding: Cell
  readonly slot: Allocated<'base_gfn'>
}

interface Unbind {
  /** Bindings go also where the file is dying. */
  readonly dying?: boolean
  /** And nobody asks whether it is: 7.3. */
  readonly always?: boolean
  /** The lock under which bindings are walked. */
  readonly locks?: boolean
}

/** virt/kvm/guest_memfd.c:kvm_gmem_unbind, when a memslot is deleted: with slots_lock held. The slot is freed when that is dropped. */
function* kvm_gmem_unbind(gmem: Gmem, { dying, always, locks }: Unbind): Steps {
  if (!(yield* load(gmem.file))) return yield* reach('closed before')
  const live = (yield* load(gmem.f_count)) > 0
  if (!live && !dying && !always) return
  const locked = locks && (live || always)
  if (locked) yield* down_write(gmem.invalidate_lock, 'filemap_invalidate_lock()')
  yield* store(gmem.binding, 0, { label: 'xa_store_range(&f->bindings, NULL)' })
  yield* store(gmem.file, 0, { label: 'slot->gmem.file = NULL' })
  if (locked) yield* up_write(gmem.invalidate_lock, 'filemap_invalidate_unlock()')
}

/** What kvm_gmem_release() and kvm_gmem_punch_hole() do with each slot that the file leads to: kvm_mmu_unmap_gfn_range(). */
function* walk_bindings({ binding, slot }: Gmem): Steps {
  if (!(yield* load(binding))) return yield* reach('nothing bound')
  yield* load(slot.base_gfn)
}

export default race({
  name: 'gmem-unbind-vs-release',
  title: 'a memslot is deleted while the guest_memfd that it maps is being closed, or has a hole punched',
  seed: 'S4',
  references: [
    'ae431059e75d KVM: guest_memfd: Remove bindings on memslot deletion when gmem is dying', 'virt/kvm/guest_memfd.c:kvm_gmem_unbind of 6.12 and 7.3',
    'virt/kvm/guest_memfd.c:kvm_gmem_punch_hole: bindings are stable under the invalidate lock',
  ],
  geometry: { pages: 1 },
  setup: (k: Setup): Gmem => ({
    slots_lock: k.cell('slots_lock'), invalidate_lock: k.cell('invalidate_lock'), f_count: k.cell('f_count', 2), file: k.cell('slot.gmem.file', 1),
    binding: k.cell('gmem.binding', 1), slot: k.object('slot', { base_gfn: 0 }),
  }),
  cpus: {
    'delete slot': function* (gmem, how: Unbind) {
      yield* mutex_lock(gmem.slots_lock, 'mutex_lock(&kvm->slots_lock)')
      yield* kvm_gmem_unbind(gmem, how)
      yield* kfree(gmem.slot)
      yield* mutex_unlock(gmem.slots_lock, 'mutex_unlock(&kvm->slots_lock)')
      yield* reach('slot deleted')
    },
    'punch hole': function* (gmem) {
      yield* down_write(gmem.invalidate_lock, 'filemap_invalidate_lock()')
      yield* walk_bindings(gmem)
      yield* walk_bindings(gmem)
      yield* up_write(gmem.invalidate_lock, 'filemap_invalidate_unlock()')
      yield* fetchAdd(gmem.f_count, -1, { label: 'fput(file)' })
    },
    close: function* (gmem) {
      if ((yield* fetchAdd(gmem.f_count, -1, { label: 'fput(file)' })) !== 1) return
      yield* mutex_lock(gmem.slots_lock, 'mutex_lock(&kvm->slots_lock)')
      yield* down_write(gmem.invalidate_lock, 'filemap_invalidate_lock()')
      if (yield* load(gmem.binding)) yield* store(gmem.file, 0, { label: 'slot->gmem.file = NULL' })
      yield* walk_bindings(gmem)
      yield* up_write(gmem.invalidate_lock, 'filemap_invalidate_unlock()')
      yield* mutex_unlock(gmem.slots_lock, 'mutex_unlock(&kvm->slots_lock)')
      yield* reach('released')
    },
  },
  sometimes: ['slot deleted', 'released', 'nothing bound', 'closed before'],
  variants: {
    fixed: { with: { always: true, locks: true }, expect: holds, because: 'whether the file lives or is dying, bindings go under the lock under which they are walked' },
    bug: {
      with: { locks: true },
      expect: violates('O2', 'all'),
      because: 'of a file without references the bindings stay: whoever closes it follows them to a slot that is freed',
    },
    '6.12': { with: { dying: true, locks: true }, expect: holds, because: 'of a file that is dying bindings go without the lock: nobody but the release walks them then, and that waits for slots_lock' },
    'without-invalidate-lock': { with: { always: true }, expect: violates('O2', 'all'), because: 'a hole is punched with a slot that goes' },
  },
})
