import type { Cell } from '../../engine/model/memory.js'
import type { Steps } from '../../engine/model/step.js'
import type { Mm } from '../include/mm.js'
import { pte_write } from '../include/pgtable.js'
import { has } from '../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../locking/mmap_lock.js'
import { apply_to_page_range } from '../mm/memory/apply_to_page_range.js'
import { ptep_get } from '../mm/pgtable.js'
import { ptep_set_wrprotect } from '../mm/pgtable_generic.js'

function* write_protect(ptep: Cell, address: number, mm: Mm): Steps {
  if (pte_write(yield* ptep_get(ptep))) yield* ptep_set_wrprotect(mm, address, ptep)
}

/** A driver that write-protects `size` pages, whatever is mapped there. False: it has come upon a huge page. */
export function* write_protect_any(mm: Mm, start: number, size: number): Steps<boolean> {
  const lock = !has('driver-walks-unlocked')
  if (lock) yield* mmap_read_lock(mm)
  const error = yield* apply_to_page_range(mm, start, size, write_protect, mm)
  if (lock) yield* mmap_read_unlock(mm)
  return error === 0
}
