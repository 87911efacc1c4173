import { guest_write, holds, race, reach, ttm_bo_evict, violates } from 'mmrace'

export default race({
  name: 'kvm-fault-vs-object-move',
  title: 'a guest is given memory of a GPU that the host has mapped (follow_pte), while that is moved',
  seed: 'S0',
  references: ['virt/kvm/kvm_main.c:hva_to_pfn_remapped', 'bd2fae8da794 KVM: do not assume PTE is writable after follow_pfn'],
  geometry: { files: 1, pages: 2, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const bo = k.bufferObject(k.driverPage())
    k.mapObject(mm, bo)
    k.write(mm, 0, 0)
    return { mm, bo, to: k.driverPage(), mmu: k.secondaryMmu(mm) }
  },
  cpus: {
    guest: function* ({ mm, mmu }) {
      yield* reach((yield* guest_write(mmu, mm, 0, 1)) ? 'written' : 'refused')
    },
    driver: function* ({ bo, to }) {
      yield* ttm_bo_evict(bo, to)
      yield* reach('moved')
    },
  },
  sometimes: ['written', 'moved'],
  oracles: ['O2', 'O9', 'O10', 'O12', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'the lock of the page table is dropped, but KVM is told of the change and asks whether there was one' },
    'without-notifier': {
      apply: ['mutant-kvm-without-notifier'],
      expect: violates('O10', 'all'),
      because: 'the guest keeps the page that the object has left',
    },
    'no-retry': {
      apply: ['kvm-no-retry'],
      expect: violates('O10', 'all'),
      because: 'the page frame number is from before the move',
    },
  },
})
