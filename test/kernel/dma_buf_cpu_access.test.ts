import { expect, it } from 'vitest'
import { check } from '../../src/engine/search/explore.js'
import {
  dma_buf_begin_cpu_access, dma_buf_end_cpu_access, dma_buf_mmap, holds, importer_run, importer_submit, race, reach, user_read,
} from '../../src/index.js'
import { boot } from '../../src/race/boot.js'

/** A program reads what a device writes, after DMA_BUF_IOCTL_SYNC or without. */
const reader = (syncs: boolean) => race({
  name: 'dma-buf-sync-vs-device',
  title: 'a program reads what a device writes',
  geometry: { files: 2, pages: 2, tables: 1, fences: 1 },
  setup: (k) => {
    const mm = k.mm()
    const dmabuf = k.dmaBuf(k.bufferObject(k.driverPage()))
    k.call(dma_buf_mmap(dmabuf, mm, 0))
    const attach = dmabuf.attach()
    return { mm, dmabuf, attach, fence: k.call(importer_submit(attach)) }
  },
  cpus: {
    device: function* ({ attach, fence }) {
      yield* importer_run(attach, fence, 1)
    },
    program: function* ({ mm, dmabuf }) {
      if (syncs) yield* dma_buf_begin_cpu_access(dmabuf, false)
      yield* reach((yield* user_read(mm, 0)) === 1 ? 'new' : 'old')
      if (syncs) yield* dma_buf_end_cpu_access()
    },
  },
  sometimes: ['new', 'old'],
  variants: { fixed: { expect: holds } },
})

const outcome = (syncs: boolean) => {
  const { verdict, stats } = check(boot(reader(syncs), { arch: 'arm64' }))
  return { verdict, reached: stats.reached.toSorted() }
}

it('access of the CPU waits for devices that write', () => {
  expect(outcome(true)).toEqual({ verdict: 'holds', reached: ['new'] })
  expect(outcome(false)).toEqual({ verdict: 'holds', reached: ['new', 'old'] })
})
