import { setBits, store } from '../engine/model/step.js'
import { clear_refs_soft_dirty } from '../kernel/fs/proc/clear_refs.js'
import { dmirror_read, dmirror_write } from '../kernel/drivers/test_hmm/dmirror_access.js'
import { dmirror_fops_open, dmirror_fops_release } from '../kernel/drivers/test_hmm/dmirror_fops.js'
import { dmirror_migrate_to_device, dmirror_migrate_to_system } from '../kernel/drivers/test_hmm/dmirror_migrate.js'
import { compound_head } from '../kernel/include/compound.js'
import { EBADF, EBUSY, EFAULT, EINVAL, ENOMEM, ENOSYS } from '../kernel/include/errno.js'
import { FOLL_GET, FOLL_LONGTERM, FOLL_PIN, FOLL_WRITE } from '../kernel/include/gup_flags.js'
import { PG_dirty } from '../kernel/include/page_flags.js'
import type { Page } from '../kernel/include/page.js'
import { find_vma } from '../kernel/mm/find_vma.js'
import { mmap_read_lock, mmap_read_unlock } from '../kernel/locking/mmap_lock.js'
import { dup_mm } from '../kernel/mm/fork/mm_lifetime.js'
import { mmput } from '../kernel/mm/fork/mmput.js'
import { get_user_pages, type GotPages, internal_get_user_pages_fast, pin_user_pages } from '../kernel/mm/gup/get_user_pages.js'
import { alloc_page } from '../kernel/mm/page_alloc.js'
import { unpin_user_page } from '../kernel/mm/gup/unpin_user_page.js'
import { ksm_do_scan } from '../kernel/mm/ksm/ksm_do_scan.js'
import { sys_madvise } from '../kernel/mm/madvise/sys_madvise.js'
import { sys_move_pages } from '../kernel/mm/migrate/move_pages.js'
import { sys_mlock, sys_munlock } from '../kernel/mm/mlock/sys_mlock.js'
import { sys_mmap } from '../kernel/mm/mmap/mmap_region.js'
import { sys_munmap } from '../kernel/mm/mmap/munmap.js'
import { sys_mprotect } from '../kernel/mm/mprotect/sys_mprotect.js'
import { sys_mremap } from '../kernel/mm/mremap/sys_mremap.js'
import { put_page } from '../kernel/mm/swap/folio_put.js'
import { user_read, user_write } from '../kernel/mm/user/user_access.js'
import type { Dmirror } from '../kernel/drivers/test_hmm/dmirror.js'
import type { Mm } from '../kernel/include/mm.js'
import { byKernel } from '../machine/kernels.js'
import type { Pin } from './pins.js'
import type { Operation } from './program.js'
import type { Process, System } from './system.js'

/** What an operation returns: a return code (negative: an error number) and a value. */
export interface Result {
  readonly code: number
  readonly value?: number
  /** Where it is not -code. */
  readonly errno?: number
}

type Run = (system: System, process: Process, args: readonly number[], op: Operation) => Result

/** What the caller of move_pages() put into status before. */
const UNTOUCHED = -999
/** 1000 and the signal's number. */
const SIGSEGV = 1011

const release = (system: System, pin: Pin): void => {
  for (const page of pin.pages) system.run(pin.kind === 'pipe' ? put_page(page) : unpin_user_page(page))
}

const slow = (system: System, process: Process, steps: (mm: Process['mm']) => ReturnType<typeof pin_user_pages>): GotPages => {
  system.run(mmap_read_lock(process.mm))
  const got = system.run(steps(process.mm))
  system.run(mmap_read_unlock(process.mm))
  return got
}

/** Keeps what was pinned, or gives it back and fails. */
const hold = (system: System, process: Process, slot: number, kind: Pin['kind'], got: GotPages, wanted: number): Result => {
  const pin = { kind, pages: got.pages }
  if (got.pages.length === wanted && !got.error) {
    process.pins.set(slot, pin)
    return { code: 0 }
  }
  release(system, pin)
  return { code: got.error || -EFAULT }
}

const vmsplice: Run = (system, process, [slot = 0, page = 0]) => {
  if (process.pins.has(slot)) return { code: -EBUSY }
  return hold(system, process, slot, 'pipe', system.run(internal_get_user_pages_fast(process.mm, page, 1, FOLL_GET)), 1)
}

/** io_uring/rsrc.c:io_pin_pages: not across mappings of different files. */
/** io_uring/memmap.c:io_pin_pages since 6.12, which looks at no VMA. Before, io_uring/rsrc.c:io_pin_pages. */
const REGISTERS_FAST = byKernel({ '6.1': false, '6.12': true })

const upin: Run = (system, process, [slot = 0, page = 0, n = 0]) => {
  if (process.pins.has(slot)) return { code: -EBUSY }
  if (REGISTERS_FAST.on(system.kernel.changes.kernel)) {
    return hold(system, process, slot, 'io_uring', system.run(internal_get_user_pages_fast(process.mm, page, n, FOLL_WRITE | FOLL_PIN | FOLL_LONGTERM)), n)
  }
  const got = slow(system, process, (mm) => pin_user_pages(mm, page, n, FOLL_WRITE | FOLL_LONGTERM))
  const files = new Set(got.pages.map((_, i) => system.get(system.run(find_vma(process.mm, page + i))!.vm_file)))
  return hold(system, process, slot, 'io_uring', got.pages.length === n && files.size > 1 ? { ...got, error: -EINVAL } : got, n)
}

const kpin: Run = (system, process, [slot = 0, page = 0, write = 0, longterm = 0]) => {
  if (process.pins.has(slot)) return { code: -EBUSY }
  const flags = (write ? FOLL_WRITE : 0) | (longterm ? FOLL_LONGTERM : 0)
  return hold(system, process, slot, 'observer', slow(system, process, (mm) => pin_user_pages(mm, page, 1, flags)), 1)
}

const unpin = (observer: boolean): Run => (system, process, [slot = 0]) => {
  const pin = process.pins.get(slot)
  if (!pin || (pin.kind === 'observer') !== observer) return { code: -EINVAL }
  release(system, pin)
  process.pins.delete(slot)
  return { code: 0 }
}

const observed = (process: Process, slot: number): Page | undefined => {
  const pin = process.pins.get(slot)
  return pin?.kind === 'observer' ? pin.pages[0] : undefined
}

const pread: Run = (system, process, [slot = 0]) => {
  const page = observed(process, slot)
  return page ? { code: 0, value: system.get(page.content) } : { code: -EINVAL }
}

const pwrite: Run = (system, process, [slot = 0, value = 0]) => {
  const page = observed(process, slot)
  if (!page) return { code: -EINVAL }
  system.run(store(page.content, value))
  system.run(setBits(system.run(compound_head(page)).flags, PG_dirty))
  return { code: 0 }
}

/** lib: mm/gup_test.c, whose ioctl succeeds always; the value tells how many pages were got. */
const gup: Run = (system, process, [page = 0, n = 0, mode = 0, write = 0]) => {
  const flags = write ? FOLL_WRITE : 0
  const { mm } = process
  const got = mode >= 3
    ? system.run(internal_get_user_pages_fast(mm, page, n, flags | (mode === 3 ? FOLL_GET : FOLL_PIN)))
    : slow(system, process, () => (mode === 0
      ? get_user_pages(mm, page, n, flags) : pin_user_pages(mm, page, n, flags | (mode === 2 ? FOLL_LONGTERM : 0))))
  const pinned = mode !== 0 && mode !== 3
  for (const got_page of got.pages) system.run(pinned ? unpin_user_page(got_page) : put_page(got_page))
  return { code: 0, value: got.pages.length > 0 ? n : 0 }
}

/** Pages of a process outside of the programs' region (its stack, its data): freed last, so that others get them first. */
const OTHER_PAGES = 16

/** A process opens the test device when it starts, where there is one. */
export const start = (system: System, id: number, mm: Mm): void => {
  const others = Array.from({ length: OTHER_PAGES }, () => system.run(alloc_page())!)
  system.processes.set(id, { mm, pins: new Map(), others })
  if (system.hasMirror) system.run(dmirror_fops_open(mirrorOf(system, mm), mm))
}

const mirrorOf = (system: System, mm: Mm): Dmirror => system.kernel.hmm.mirrors[mm.ref - 1]!

const fork: Run = (system, process, [child = 0]) => {
  const mm = system.run(dup_mm(process.mm))
  if (!mm) return { code: -ENOMEM }
  start(system, child, mm)
  return { code: 0 }
}

const exit: Run = (system, process, _args, op) => {
  for (const pin of process.pins.values()) if (pin.kind !== 'pipe') release(system, pin)
  system.run(mmput(process.mm))
  for (const page of process.others) system.run(put_page(page))
  if (system.hasMirror) system.run(dmirror_fops_release(mirrorOf(system, process.mm), process.mm))
  for (const pin of process.pins.values()) if (pin.kind === 'pipe') release(system, pin)
  system.processes.delete(op.process)
  return { code: 0 }
}

const read: Run = (system, { mm }, [page = 0]) => {
  const value = system.run(user_read(mm, page))
  return value === undefined ? { code: -SIGSEGV } : { code: 0, value }
}

const move: Run = (system, { mm }, [page = 0, n = 0, nid = 0]) => {
  if (!system.recorded.numa) return { code: -ENOSYS, value: UNTOUCHED }
  const { result, status } = system.run(sys_move_pages(mm, page, n, nid))
  return { code: result, value: status[0] ?? UNTOUCHED }
}

/** What one call of the driver of a recording asks for at most. */
const MAX_PAGES = 64

type DeviceRun = (system: System, process: Process, first: number, n: number, value: number) => Result

/** lib/test_hmm.c:dmirror_fops_unlocked_ioctl: an empty range is an error. */
const device = (run: DeviceRun): Run => (system, process, [first = 0, n = 0, value = 0]) => {
  if (!system.hasMirror) return { code: -EBADF }
  const { code, value: done } = n > 0 ? run(system, process, first, Math.min(n, MAX_PAGES), value) : { code: -EINVAL }
  return { code, value: code < 0 ? 0 : done ?? 0 }
}

const count = (done: number): Result => ({ code: Math.min(done, 0), value: done })

const dtodev = device((s, { mm }, first, n) => count(s.run(dmirror_migrate_to_device(mirrorOf(s, mm), mm, first, n))))

const dtosys = device((s, { mm }, first, n) => count(s.run(dmirror_migrate_to_system(mirrorOf(s, mm), mm, first, n))))

const dread = device((s, { mm }, first, n) => {
  const values = s.run(dmirror_read(mirrorOf(s, mm), mm, first, n))
  return typeof values === 'number' ? { code: values } : { code: 0, value: values[0] ?? 0 }
})

const dwrite = device((s, { mm }, first, n, value) => ({ code: s.run(dmirror_write(mirrorOf(s, mm), mm, first, n, value)), value: n }))

/** Three full scans; ksmd does none, and the recording's driver gives up without an error number, while no mm is enrolled. */
const ksm: Run = (system) => {
  const { mm_list } = system.kernel.ksm
  for (let scans = 0; scans < 3; scans++) {
    if (system.get(mm_list) === 0) return { code: -1, errno: 0 }
    system.run(ksm_do_scan())
  }
  return { code: 0 }
}

/** The operations of docs/fidelity.md by name. */
export const operations: Readonly<Record<string, Run>> = {
  mmap: (s, { mm }, [start = 0, n = 0, kind = 0, prot = 0]) => ({ code: s.run(sys_mmap(mm, start, n, prot, kind !== 0)) }),
  munmap: (s, { mm }, [start = 0, n = 0]) => ({ code: s.run(sys_munmap(mm, start, n)) }),
  mlock: (s, { mm }, [start = 0, n = 0]) => ({ code: s.run(sys_mlock(mm, start, n)) }),
  munlock: (s, { mm }, [start = 0, n = 0]) => ({ code: s.run(sys_munlock(mm, start, n)) }),
  write: (s, { mm }, [page = 0, value = 0]) => ({ code: s.run(user_write(mm, page, value)) ? 0 : -SIGSEGV }),
  read,
  fork,
  exit,
  mprotect: (s, { mm }, [start = 0, n = 0, prot = 0]) => ({ code: s.run(sys_mprotect(mm, start, n, prot)) }),
  madvise: (s, { mm }, [start = 0, n = 0, advice = 0]) => ({ code: s.run(sys_madvise(mm, start, n, advice)) }),
  mremap: (s, { mm }, [start = 0, n = 0, to = 0, dontunmap = 0]) =>
    ({ code: s.run(sys_mremap(mm, start, n, to, dontunmap !== 0)) }),
  move,
  vmsplice,
  upin,
  unpin: unpin(false),
  gup,
  kpin,
  kunpin: unpin(true),
  pread,
  pwrite,
  dtodev,
  dtosys,
  dread,
  dwrite,
  ksm,
  clearsd: (s, { mm }) => {
    s.run(clear_refs_soft_dirty(mm))
    return { code: 0 }
  },
}
