import { atomic, load, setBits, type Step, type Steps, store } from '../../engine/model/step.js'
import { EAGAIN, ENOMEM } from '../include/errno.js'
import { FOLL_FORCE, FOLL_SPLIT_PMD } from '../include/gup_flags.js'
import type { Mm } from '../include/mm.js'
import { PG_uptodate } from '../include/page_flags.js'
import { type Page, PAGE_MAPPING_ANON } from '../include/page.js'
import type { Vma } from '../include/vma.js'
import { kernel } from '../kernel.js'
import { mmap_write_lock, mmap_write_unlock } from '../locking/mmap_lock.js'
import { copy_page } from '../mm/copy_page.js'
import { vma_lookup } from '../mm/find_vma.js'
import { get_user_pages } from '../mm/gup/get_user_pages.js'
import { linear_page_index } from '../mm/linear_page_index.js'
import { alloc_page } from '../mm/page_alloc.js'
import { anon_vma_prepare } from '../mm/rmap/anon_vma.js'
import { put_page } from '../mm/swap/folio_put.js'
import { __replace_page } from './replace_page.js'

/** Whether the page of the file, where the process has one of its own, says the same as this content. One step: nobody writes to code. */
const same_as_in_file = (vma: Vma, index: number, content: number): Step<boolean> =>
  atomic('pages_identical(new_page, orig_page)', (m) => {
    const slot = kernel().files.at(m.get(vma.vm_file))?.i_pages[index]
    const page = slot === undefined ? 0 : m.get(slot)
    return page !== 0 && m.get(kernel().page(page - 1).content) === content
  })

/** A copy of the page with the instruction in it; the whole page is one instruction here. */
function* copy_with_opcode(old_page: Page, opcode: number): Steps<Page | undefined> {
  const new_page = yield* alloc_page()
  if (!new_page) return undefined
  yield* setBits(new_page.flags, PG_uptodate, { label: '__SetPageUptodate(new_page)' })
  yield* copy_page(new_page, old_page)
  yield* store(new_page.content, opcode, { label: 'copy_to_page(new_page, opcode)' })
  return new_page
}

/** With a reference to the old page. 0, or a negative error number. */
function* write_opcode(mm: Mm, vma: Vma, vaddr: number, old_page: Page, opcode: number, is_register: boolean): Steps<number> {
  if ((yield* load(old_page.content, { label: 'verify_opcode(old_page)' })) === opcode) return 0
  const anon = (yield* load(old_page.mapping, { label: 'PageAnon(old_page)' })) & PAGE_MAPPING_ANON
  if (!is_register && !anon) return 0
  yield* anon_vma_prepare(vma)
  const new_page = yield* copy_with_opcode(old_page, opcode)
  if (!new_page) return -ENOMEM
  const back = !is_register && (yield* same_as_in_file(vma, yield* linear_page_index(vma, vaddr), opcode))
  if (back) yield* put_page(new_page)
  const error = yield* __replace_page(mm, vma, vaddr, old_page, back ? undefined : new_page)
  if (!back) yield* put_page(new_page)
  return error
}

/** kernel/events/uprobes.c:uprobe_write_opcode, of code in small pages. 0, or a negative error number. */
export function* uprobe_write_opcode(mm: Mm, vma: Vma, vaddr: number, opcode: number, is_register: boolean): Steps<number> {
  for (;;) {
    const { pages: [old_page], error } = yield* get_user_pages(mm, vaddr, 1, is_register ? FOLL_FORCE | FOLL_SPLIT_PMD : FOLL_FORCE)
    if (!old_page) return error
    const done: number = yield* write_opcode(mm, vma, vaddr, old_page, opcode, is_register)
    yield* put_page(old_page)
    if (done !== -EAGAIN) return done
  }
}

/** kernel/events/uprobes.c:register_for_each_vma, of one VMA: a breakpoint in code, or the instruction that was there. Whether it worked. */
export function* register_for_each_vma(mm: Mm, vaddr: number, opcode: number, is_register: boolean): Steps<boolean> {
  yield* mmap_write_lock(mm)
  const vma = yield* vma_lookup(mm, vaddr)
  const done = vma ? yield* uprobe_write_opcode(mm, vma, vaddr, opcode, is_register) : -1
  yield* mmap_write_unlock(mm)
  return done === 0
}
