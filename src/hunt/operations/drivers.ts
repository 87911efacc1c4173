import { dev_dax_unbind } from '../../kernel/drivers/dax/kill_dev_dax.js'
import { dma_write } from '../../kernel/drivers/dma.js'
import { dma_buf_attach, dma_buf_detach } from '../../kernel/drivers/dma_buf/dma_buf_attach.js'
import { exporter_move } from '../../kernel/drivers/dma_buf/dma_buf_move.js'
import { importer_run, importer_store, importer_submit } from '../../kernel/drivers/dma_buf/importer.js'
import { exclusive_use, exclusive_use_ends } from '../../kernel/drivers/exclusive_use.js'
import { get_vaddr_frames, put_vaddr_frames } from '../../kernel/drivers/media/get_vaddr_frames.js'
import { p2pmem_mmap } from '../../kernel/drivers/pci/p2pmem_alloc_mmap.js'
import { pci_p2pdma_remove } from '../../kernel/drivers/pci/pci_p2pdma_remove.js'
import { ttm_bo_evict } from '../../kernel/drivers/ttm/ttm_bo_move.js'
import { gpu_copies, ttm_bo_move_accel } from '../../kernel/drivers/ttm/ttm_bo_move_accel.js'
import { vfio_pci_reset } from '../../kernel/drivers/vfio_pci/vfio_pci_reset.js'
import { vmw_resource_validate } from '../../kernel/drivers/vmwgfx/vmw_resource_validate.js'
import { dax_writeback_mapping_range } from '../../kernel/fs/dax/dax_writeback_mapping_range.js'
import { ext4_truncate } from '../../kernel/fs/dax/ext4_truncate.js'
import { FOLL_PCI_P2PDMA, FOLL_WRITE } from '../../kernel/include/gup_flags.js'
import { unpin_user_page } from '../../kernel/mm/gup/unpin_user_page.js'
import { pin_user_pages_fast } from '../../kernel/mm/gup/user_pages.js'
import { access_remote_vm } from '../../kernel/mm/memory/generic_access_phys.js'
import { unmap_mapping_pages } from '../../kernel/mm/memory/unmap_mapping_range.js'
import { put_page } from '../../kernel/mm/swap/folio_put.js'
import { operation } from '../operation.js'

/** Drivers that map memory of their own, and who uses it. */
export const driverOperations = [
  operation({
    name: 'object moves', needs: ['object', 'to'], single: true,
    run: function* ({ object, to }) {
      yield* ttm_bo_evict(object, to)
    },
  }),
  operation({
    name: 'object moves by GPU', needs: ['object', 'to', 'fence'], with: 'GPU copies', single: true,
    run: function* ({ object, to, fence }) {
      yield* ttm_bo_move_accel(object, to, fence)
    },
  }),
  operation({
    name: 'GPU copies', needs: ['object', 'fence'], with: 'object moves by GPU', single: true,
    run: function* ({ object, fence }) {
      yield* gpu_copies(object, fence)
    },
  }),
  operation({
    name: 'camera', needs: ['mm'], on: ['device'], by: 'mm',
    run: function* ({ mm }) {
      const frame = yield* get_vaddr_frames(mm, 0)
      if (!frame) return
      yield* dma_write(frame.page, 7)
      yield* put_vaddr_frames(frame)
    },
  }),
  operation({
    name: 'debugger', needs: ['mm'], on: ['device'], by: 'mm',
    run: function* ({ mm }) {
      yield* access_remote_vm(mm, 0, 7)
    },
  }),
  operation({
    name: 'driver takes its page back', needs: ['pfnFile', 'pfnPage'], single: true,
    run: function* ({ pfnFile, pfnPage }) {
      yield* unmap_mapping_pages(pfnFile, 0, 1, true)
      yield* exclusive_use(pfnPage)
      yield* exclusive_use_ends(pfnPage)
    },
  }),
  operation({
    name: 'driver frees its page', needs: ['pfnFile', 'pfnPage'], single: true,
    run: function* ({ pfnFile, pfnPage }) {
      yield* unmap_mapping_pages(pfnFile, 0, 1, true)
      yield* put_page(pfnPage)
    },
  }),
  operation({
    name: 'device reset', needs: ['vdev'], single: true,
    run: function* ({ vdev }) {
      yield* vfio_pci_reset(vdev)
    },
  }),
  operation({
    name: 'commands', needs: ['vmwBo'],
    run: function* ({ vmwBo }) {
      yield* vmw_resource_validate(vmwBo)
    },
  }),
  operation({
    name: 'DAX truncate', needs: ['inode'], single: true,
    run: function* ({ inode }) {
      yield* ext4_truncate(inode)
    },
  }),
  operation({
    name: 'DAX fsync', needs: ['daxFile'], single: true,
    run: function* ({ daxFile }) {
      yield* dax_writeback_mapping_range(daxFile)
    },
  }),
  operation({
    name: 'device-dax unbind', needs: ['devDax'], single: true,
    run: function* ({ devDax }) {
      yield* dev_dax_unbind(devDax)
    },
  }),
  operation({
    name: 'P2PDMA unbind', needs: ['p2pdma'], single: true,
    run: function* ({ p2pdma }) {
      yield* pci_p2pdma_remove(p2pdma)
    },
  }),
  operation({
    name: 'P2PDMA pin', needs: ['mm', 'p2pdma'], by: 'mm',
    run: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE | FOLL_PCI_P2PDMA)
      if (!page) return
      yield* dma_write(page, 4)
      yield* unpin_user_page(page)
    },
  }),
  operation({
    name: 'P2PDMA second mapping', needs: ['mm', 'p2pdma'], by: 'mm', single: true,
    run: function* ({ mm, p2pdma }) {
      yield* p2pmem_mmap(p2pdma, mm, 2)
    },
  }),
  operation({
    name: 'exporter moves', needs: ['dmabuf', 'to'], single: true,
    run: function* ({ dmabuf, to }) {
      yield* exporter_move(dmabuf, to)
    },
  }),
  operation({
    name: 'importer', needs: ['attach'], single: true,
    run: function* ({ attach }) {
      yield* importer_run(attach, yield* importer_submit(attach), 1)
    },
  }),
  operation({
    name: 'importer pins', needs: ['attach'], single: true,
    run: function* ({ attach }) {
      yield* dma_buf_attach(attach)
      yield* importer_store(attach, 1)
      yield* dma_buf_detach(attach)
    },
  }),
]
