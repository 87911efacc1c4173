// An exporter takes its memory back for good: fences are not enough, importers have to have unmapped it.
import {
  device_dma_read, dma_map_sgtable, dma_unmap_sgtable, type DmaBuf, type DmaBufAttachment, dma_buf_map_attachment, dma_buf_move_notify,
  dma_buf_unmap_attachment, dma_resv_lock_single, dma_resv_unlock, exclusive_use, exclusive_use_ends, holds, load, pfn_to_page, race, reach,
  type Setup, violates,
} from 'mmrace'
import type { Steps } from 'mmrace/engine'

function* map(attach: DmaBufAttachment): Steps {
  yield* dma_map_sgtable(attach, pfn_to_page(yield* load(attach.dmabuf.pages)))
}

function* revoke(dmabuf: DmaBuf): Steps {
  yield* dma_resv_lock_single(dmabuf.resv)
  yield* dma_buf_move_notify(dmabuf)
  const page = pfn_to_page(yield* load(dmabuf.pages))
  yield* exclusive_use(page)
  yield* exclusive_use_ends(page)
  yield* dma_resv_unlock(dmabuf.resv)
  yield* reach('revoked')
}

function* prefetch(attach: DmaBufAttachment): Steps {
  if ((yield* device_dma_read(attach)) !== undefined) yield* reach('read')
}

export default race({
  name: 'dma-buf-revoke',
  title: 'an importer keeps its mapping after a revoke, and reads ahead',
  setup: (k: Setup, { unmaps }: { unmaps?: boolean }) => {
    const dmabuf = k.dmaBuf(undefined, { map_dma_buf: map, unmap_dma_buf: dma_unmap_sgtable })
    const attach = dmabuf.attach({ ...(unmaps && { move_notify: dma_buf_unmap_attachment }) })
    k.call(dma_buf_map_attachment(attach))
    return { dmabuf, attach }
  },
  cpus: { exporter: ({ dmabuf }) => revoke(dmabuf), device: ({ attach }) => prefetch(attach) },
  sometimes: ['revoked', 'read'],
  variants: { fixed: { with: { unmaps: true }, expect: holds }, bug: { with: { unmaps: false }, expect: violates('O2', 'all') } },
})
