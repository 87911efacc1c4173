import { dma_write, get_vaddr_frames, holds, put_vaddr_frames, race, reach, ttm_bo_evict, violates } from 'mmrace'

export default race({
  name: 'frame-vector-vs-object-move',
  title: 'a camera is told to write into memory of a GPU that a program has mapped, while that is moved',
  seed: 'S0',
  references: ['6647e76ab623 v4l2: don\'t fall back to follow_pfn() if pin_user_pages_fast() fails', 'mm/memory.c:follow_pfn'],
  geometry: { files: 1, pages: 2, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const bo = k.bufferObject(k.driverPage())
    k.mapObject(mm, bo)
    k.write(mm, 0, 0)
    return { mm, bo, to: k.driverPage() }
  },
  cpus: {
    camera: function* ({ mm }) {
      const frame = yield* get_vaddr_frames(mm, 0)
      if (!frame) return yield* reach('refused')
      yield* dma_write(frame.page, 1)
      yield* put_vaddr_frames(frame)
    },
    driver: function* ({ bo, to }) {
      yield* ttm_bo_evict(bo, to)
      yield* reach('moved')
    },
  },
  sometimes: ['refused', 'moved'],
  oracles: ['O2', 'O9', 'O12', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'GUP takes nothing of a PFN mapping, and there is no other way' },
    bug: {
      revert: ['6647e76ab623'],
      expect: violates('O2', 'all'),
      because: 'follow_pfn() says where the object was: nothing keeps it there, and nobody tells the camera',
    },
    'looked-up-again': {
      revert: ['6647e76ab623'],
      apply: ['mutant-frame-looked-up-again'],
      expect: violates('O2', 'all'),
      because: 'looking twice does not help: it takes a notifier, or the page-table lock as long as the page is used',
    },
  },
})
