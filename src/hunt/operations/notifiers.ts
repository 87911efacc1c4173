import { dma_write } from '../../kernel/drivers/dma.js'
import { register_for_each_vma } from '../../kernel/events/uprobe_write_opcode.js'
import { sys_mmap_hugetlb } from '../../kernel/fs/hugetlbfs/sys_mmap_hugetlb.js'
import { generic_pipe_buf_get } from '../../kernel/fs/pipe.js'
import { FOLL_WRITE } from '../../kernel/include/gup_flags.js'
import { VM_READ, VM_WRITE } from '../../kernel/include/vm_flags.js'
import { mmget_not_zero } from '../../kernel/mm/fork/mm_count.js'
import { mmput } from '../../kernel/mm/fork/mmput.js'
import { put_user_page } from '../../kernel/mm/gup/put_user_page.js'
import { get_user_pages_fast } from '../../kernel/mm/gup/user_pages.js'
import { sys_munmap } from '../../kernel/mm/mmap/munmap.js'
import { mmu_interval_notifier_remove } from '../../kernel/mm/mmu_interval_notifier.js'
import { mmu_notifier_unregister } from '../../kernel/mm/mmu_notifier/mmu_notifier_register.js'
import { sys_mremap } from '../../kernel/mm/mremap/sys_mremap.js'
import { put_page } from '../../kernel/mm/swap/folio_put.js'
import { kfree } from '../../kernel/drivers/allocation.js'
import { operation } from '../operation.js'

/** Subscribers go; programs are given breakpoints; references are taken until counts come round; and what hugetlbfs alone has. */
export const notifierOperations = [
  operation({
    name: 'guest ends', needs: ['mm', 'leaving', 'leavingPage'], single: true,
    run: function* ({ mm, leaving, leavingPage }) {
      yield* mmu_notifier_unregister(leaving.notifier, mm)
      yield* put_page(leavingPage)
    },
  }),
  operation({
    name: 'interval notifier goes', needs: ['mm', 'interval', 'intervalObject'], single: true,
    run: function* ({ mm, interval, intervalObject }) {
      yield* mmu_interval_notifier_remove(interval, mm)
      yield* kfree(intervalObject)
    },
  }),
  operation({
    name: 'breakpoint comes and goes', needs: ['text'], single: true,
    run: function* ({ text }) {
      if (!(yield* mmget_not_zero(text))) return
      yield* register_for_each_vma(text, 0, 9, true)
      yield* register_for_each_vma(text, 0, 6, false)
      yield* mmput(text)
    },
  }),
  operation({
    name: 'tee again and again', needs: ['pipePage'],
    run: function* ({ pipePage }) {
      let got = 0
      while (got < 7 && (yield* generic_pipe_buf_get(pipePage))) got++
      for (; got > 0; got--) yield* put_page(pipePage)
    },
  }),
  operation({
    name: 'direct IO again and again', needs: ['pipeMm', 'pipePage'], by: 'mm',
    run: function* ({ pipeMm, pipePage }) {
      let got = 0
      while (got < 7 && (yield* get_user_pages_fast(pipeMm, 0, 1, FOLL_WRITE)).length > 0) got++
      if (got === 0) return
      yield* dma_write(pipePage, 4)
      for (; got > 0; got--) yield* put_user_page(pipePage)
    },
  }),
  operation({
    name: 'mremap first page and munmap second', needs: ['mm'], on: ['hugetlb'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_mremap(mm, 0, 1, 2, false)
      yield* sys_munmap(mm, 1, 1)
    },
  }),
  operation({
    name: 'child maps the file', needs: ['child', 'hugetlbFile'], by: 'child',
    run: function* ({ child, hugetlbFile }) {
      yield* sys_mmap_hugetlb(child, 0, 1, VM_READ | VM_WRITE, { shared: true, file: hugetlbFile.ref })
    },
  }),
]
