import type { Steps } from '../../../engine/model/step.js'
import { FOLL_FORCE, FOLL_LONGTERM, FOLL_WRITE } from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import type { Page } from '../../include/page.js'
import { has, kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { vma_lookup } from '../../mm/find_vma.js'
import { unpin_user_page } from '../../mm/gup/unpin_user_page.js'
import { pin_user_pages_fast } from '../../mm/gup/user_pages.js'
import { follow_pfn } from '../../mm/memory/follow_pte.js'

/** struct frame_vector, of one frame. */
export interface FrameVector {
  readonly page: Page
  /** Whether the page is pinned; otherwise nothing keeps it what it is. */
  readonly got_ref: boolean
}

function* frame_of_pfn_mapping(mm: Mm, address: number): Steps<Page | undefined> {
  yield* mmap_read_lock(mm)
  const vma = yield* vma_lookup(mm, address)
  const pfn = vma ? yield* follow_pfn(vma, address) : -1
  yield* mmap_read_unlock(mm)
  return kernel().memory.pages[pfn]
}

/** drivers/media/common/videobuf2/frame_vector.c:get_vaddr_frames of one page, for a capture device. Undefined: -EFAULT. */
export function* get_vaddr_frames(mm: Mm, address: number): Steps<FrameVector | undefined> {
  const [pinned] = yield* pin_user_pages_fast(mm, address, 1, FOLL_FORCE | FOLL_WRITE | FOLL_LONGTERM)
  if (pinned) return { page: pinned, got_ref: true }
  if (has('6647e76ab623')) return undefined
  const page = yield* frame_of_pfn_mapping(mm, address)
  const again = has('mutant-frame-looked-up-again') ? yield* frame_of_pfn_mapping(mm, address) : page
  return page && page === again ? { page, got_ref: false } : undefined
}

/** drivers/media/common/videobuf2/frame_vector.c:put_vaddr_frames */
export function* put_vaddr_frames({ page, got_ref }: FrameVector): Steps {
  if (got_ref) yield* unpin_user_page(page)
}
