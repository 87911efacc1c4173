import { byKernel, holds, p2pmem_mmap, type PciP2pdma, race, reach, type Mm, type Steps, sys_munmap, user_write, violates } from 'mmrace'

function* map(p2pdma: PciP2pdma, mm: Mm): Steps {
  if (yield* p2pmem_mmap(p2pdma, mm, 0)) return yield* reach('not mapped')
  if (yield* user_write(mm, 0, 1)) yield* reach('written')
  yield* sys_munmap(mm, 0, 1)
}

export default race({
  name: 'p2pdma-mmap-fails',
  title: 'memory of a PCI device cannot be mapped and goes back to the pool, where somebody else finds it',
  seed: 'S0',
  question: 'Q4',
  references: ['drivers/pci/p2pdma.c:p2pmem_alloc_mmap of 7.3: gen_pool_free(), then set_page_count(page, 0)'],
  needs: ['ZONE_DEVICE'],
  geometry: { files: 1, filePages: 1, pages: 0, p2pdma: 1, mms: 2, tables: 2 },
  setup: (k) => ({ first: k.mm('process 1'), second: k.mm('process 2'), p2pdma: k.p2pdma() }),
  cpus: {
    'process 1': ({ first, p2pdma }) => map(p2pdma, first),
    'process 2': ({ second, p2pdma }) => map(p2pdma, second),
  },
  sometimes: ['not mapped', 'written'],
  variants: {
    fixed: {
      apply: ['7e9c7ef83d78', '4003f107fa2e', 'insert-fails'],
      expect: byKernel({ '6.1': holds, '7.3': violates('O9', 'all') }),
      because: 'in 6.12 nobody sets the count of a page that could not be mapped: it is 1 while the page is free',
    },
    bug: {
      apply: ['7e9c7ef83d78', '4003f107fa2e', 'p2pdma-ref0', 'insert-fails'],
      expect: violates('O9', 'all'),
      because: 'the count that is set to 0 is that of a page which somebody else has mapped by now',
    },
    'uncounts-first': {
      apply: ['7e9c7ef83d78', '4003f107fa2e', 'p2pdma-ref0', 'p2pdma-uncounts-first', 'insert-fails'],
      expect: holds,
      because: 'nobody else has the page until it is in the pool',
    },
    'memory-enough': {
      apply: ['7e9c7ef83d78', '4003f107fa2e', 'p2pdma-ref0'],
      expect: holds,
      because: 'it takes an allocation that fails',
    },
  },
})
