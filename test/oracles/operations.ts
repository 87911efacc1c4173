import type { Steps } from '../../src/engine/model/step.js'
import { dma_write } from '../../src/kernel/drivers/dma.js'
import type { AddressSpace } from '../../src/kernel/include/address_space.js'
import { FOLL_WRITE } from '../../src/kernel/include/gup_flags.js'
import type { Mm } from '../../src/kernel/include/mm.js'
import type { Page } from '../../src/kernel/include/page.js'
import { do_exit } from '../../src/kernel/mm/fork/do_exit.js'
import { dup_mm } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { unpin_user_page } from '../../src/kernel/mm/gup/unpin_user_page.js'
import { pin_user_pages_fast, pin_user_pages_unlocked } from '../../src/kernel/mm/gup/user_pages.js'
import { MADV } from '../../src/kernel/mm/madvise/advice.js'
import { sys_madvise } from '../../src/kernel/mm/madvise/sys_madvise.js'
import { sys_move_pages } from '../../src/kernel/mm/migrate/move_pages.js'
import { sys_munmap } from '../../src/kernel/mm/mmap/munmap.js'
import { sys_mprotect } from '../../src/kernel/mm/mprotect/sys_mprotect.js'
import { sys_mremap } from '../../src/kernel/mm/mremap/sys_mremap.js'
import { write_one_page } from '../../src/kernel/mm/page-writeback/write_one_page.js'
import { truncate_setsize } from '../../src/kernel/mm/truncate/truncate_pagecache.js'
import { user_read, user_write } from '../../src/kernel/mm/user/user_access.js'
import { reclaim_folio } from '../../src/kernel/mm/vmscan/reclaim_folio.js'
import type { Setup } from '../../src/race/setup.js'
import { violations } from './verdict.js'

interface Env {
  readonly mm: Mm
  /** The one at address 0. */
  readonly page: Page
  readonly file?: AddressSpace
}

type Operation = (env: Env) => Steps<unknown>

const advise = (len: number, advice: number): Operation => ({ mm }) => sys_madvise(mm, 0, len, advice)

/** Everything is done to the two pages at addresses 0 and 1, or to the first. */
const operations = {
  munmap: ({ mm }) => sys_munmap(mm, 0, 1),
  'munmap all': ({ mm }) => sys_munmap(mm, 0, 2),
  mremap: ({ mm }) => sys_mremap(mm, 0, 2, 2, false),
  'mprotect none': ({ mm }) => sys_mprotect(mm, 0, 1, 0),
  dontneed: advise(1, MADV.DONTNEED),
  cold: advise(2, MADV.COLD),
  free: advise(2, MADV.FREE),
  pageout: advise(2, MADV.PAGEOUT),
  collapse: advise(2, MADV.COLLAPSE),
  fork: ({ mm }) => dup_mm(mm),
  exit: ({ mm }) => do_exit(mm),
  move: ({ mm }) => sys_move_pages(mm, 0, 1, 1),
  load: ({ mm }) => user_read(mm, 0),
  store: ({ mm }) => user_write(mm, 0, 7),
  pin: function* ({ mm }) {
    const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
    if (!page) return
    yield* dma_write(page, 9)
    yield* unpin_user_page(page)
  },
  'pin twice': function* ({ mm }) {
    const pages = [...(yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)), ...(yield* pin_user_pages_unlocked(mm, 0, 1, FOLL_WRITE))]
    for (const page of pages) yield* unpin_user_page(page)
  },
  truncate: ({ file }) => truncate_setsize(file!, 0),
  writeback: ({ page }) => write_one_page(page),
  reclaim: ({ page }) => reclaim_folio(page),
} satisfies Record<string, Operation>

const anon = (k: Setup, thp: boolean): Env => {
  const mm = k.mm()
  k.anon(mm, { pages: 2, touched: [0, 1], thp })
  return { mm, page: k.pageAt(mm, 0) }
}

const shared = (k: Setup): Env & { readonly file: AddressSpace } => {
  const mm = k.mm()
  const { file } = k.shared(mm, { pages: 2, touched: [0, 1] })
  return { mm, page: k.page(file, 0), file: k.open(file) }
}

const states = {
  anon: (k) => anon(k, false),
  thp: (k) => anon(k, true),
  forked(k) {
    const env = anon(k, false)
    k.fork(env.mm)
    return env
  },
  huge(k) {
    const mm = k.mm()
    k.huge(mm)
    return { mm, page: k.pageAt(mm, 0) }
  },
  shared,
  cold(k) {
    const env = shared(k)
    k.call(sys_madvise(env.mm, 0, 2, MADV.COLD))
    return env
  },
} satisfies Record<string, (k: Setup) => Env>

const GEOMETRY = { mms: 2, vmas: 8, anonVmas: 4, anonVmaChains: 8, tables: 4, pages: 6, hugePages: 2, nodes: 2, files: 1 }

/** Several operations after one another, or one. */
type Lane = keyof typeof operations | readonly (keyof typeof operations)[]

/** What is violated when each of these CPUs does its operations over a state. */
export function composed(state: keyof typeof states, lanes: readonly Lane[], arch = 'arm64'): readonly string[] {
  const body = (lane: Lane): Operation => function* (env) {
    for (const name of typeof lane === 'string' ? [lane] : lane) yield* operations[name](env)
  }
  return violations<Env>({
    tlb: true, geometry: GEOMETRY, setup: states[state], cpus: Object.fromEntries(lanes.map((lane, i) => [`cpu${i}`, body(lane)])),
  }, { arch })
}
