import { p2pmem_mmap } from '../../kernel/drivers/pci/p2pmem_alloc_mmap.js'
import { dma_fence_alloc } from '../../kernel/drivers/dma_buf/dma_fence.js'
import { VMW_BO_DIRTY_MKWRITE } from '../../kernel/drivers/vmwgfx/vmw_bo.js'
import { state } from '../state.js'
import { DRIVER_ROOM } from './room.js'

const DAX = { files: 1, pages: 1, tables: 3, vmas: 4, mms: 2 } as const

/** The process maps memory of a driver or a filesystem. */
export const driverStates = [
  state({
    name: 'buffer object', kind: 'device', gives: ['mm', 'object', 'to'], geometry: DRIVER_ROOM,
    setup: (k) => {
      const mm = k.mm()
      const object = k.bufferObject(k.driverPage())
      k.mapObject(mm, object)
      k.write(mm, 0, 6)
      return { mm, object, to: k.driverPage() }
    },
  }),
  state({
    name: 'buffer object and a GPU', kind: 'device', gives: ['mm', 'object', 'to', 'fence'], geometry: { ...DRIVER_ROOM, fences: 1 },
    setup: (k) => {
      const mm = k.mm()
      const object = k.bufferObject(k.driverPage())
      k.mapObject(mm, object)
      k.write(mm, 0, 6)
      return { mm, object, to: k.driverPage(), fence: k.call(dma_fence_alloc()) }
    },
  }),
  state({
    name: 'guest of a buffer object', kind: 'device', gives: ['mm', 'object', 'to', 'mmu'], geometry: { ...DRIVER_ROOM },
    setup: (k) => {
      const mm = k.mm()
      const object = k.bufferObject(k.driverPage())
      k.mapObject(mm, object)
      k.write(mm, 0, 6)
      return { mm, object, to: k.driverPage(), mmu: k.secondaryMmu(mm) }
    },
  }),
  state({
    name: 'huge buffer object', kind: 'device', gives: ['mm', 'object', 'to'], geometry: { ...DRIVER_ROOM, pages: 1, hugePages: 2 },
    setup: (k) => {
      const mm = k.mm()
      const object = k.bufferObject(k.driverHugePage())
      k.mapObject(mm, object, 2)
      k.write(mm, 0, 6)
      return { mm, object, to: k.driverHugePage() }
    },
  }),
  state({
    name: 'page of a driver', kind: 'device', gives: ['mm', 'pfnFile', 'pfnPage'], geometry: DRIVER_ROOM,
    setup: (k) => {
      const mm = k.mm()
      const { file, page } = k.pfnmap(mm)
      k.write(mm, 0, 6)
      return { mm, pfnFile: file, pfnPage: page }
    },
  }),
  state({
    name: 'vfio', kind: 'device', gives: ['mm', 'vdev'], geometry: DRIVER_ROOM,
    setup: (k) => {
      const mm = k.mm()
      const vdev = k.vfioPci(k.driverPage())
      k.mapVfio(mm, vdev)
      k.write(mm, 0, 6)
      return { mm, vdev }
    },
  }),
  state({
    name: 'tracked object', kind: 'device', gives: ['mm', 'vmwBo'], geometry: { ...DRIVER_ROOM, filePages: 1 },
    setup: (k) => {
      const mm = k.mm()
      const vmwBo = k.vmwBo(k.driverPage(), { triggers: 2, method: VMW_BO_DIRTY_MKWRITE })
      k.mapObject(mm, vmwBo.base)
      k.read(mm, 0)
      return { mm, vmwBo }
    },
  }),
  state({
    name: 'DAX', kind: 'dax', gives: ['mm', 'inode', 'daxFile'], needs: ['ZONE_DEVICE'], geometry: { ...DAX, filePages: 1, fsdax: 1 },
    setup: (k) => {
      const mm = k.mm()
      const { inode, mapping } = k.daxFile()
      k.mapDaxFile(mm, mapping)
      k.write(mm, 0, 6)
      return { mm, inode, daxFile: mapping }
    },
  }),
  state({
    name: 'DAX huge', kind: 'dax', gives: ['mm', 'inode', 'daxFile'], needs: ['ZONE_DEVICE'], geometry: { ...DAX, filePages: 2, fsdax: 2 },
    setup: (k) => {
      const mm = k.mm()
      const { inode, mapping } = k.daxFile({ huge: true })
      k.mapDaxFile(mm, mapping, 2)
      k.write(mm, 0, 6)
      return { mm, inode, daxFile: mapping }
    },
  }),
  state({
    name: 'DAX huge and small', kind: 'dax', gives: ['mm', 'child', 'inode', 'daxFile'], childLane: 'child', needs: ['ZONE_DEVICE'],
    geometry: { ...DAX, filePages: 2, fsdax: 2 },
    setup: (k) => {
      const mm = k.mm()
      const { inode, mapping } = k.daxFile({ huge: true })
      k.mapDaxFile(mm, mapping, 2)
      const child = k.mm('child')
      k.mapDaxFile(child, mapping, 1, 1)
      k.write(mm, 0, 6)
      k.write(child, 1, 6)
      return { mm, child, inode, daxFile: mapping }
    },
  }),
  state({
    name: 'device-dax', kind: 'dax', gives: ['mm', 'devDax'], needs: ['ZONE_DEVICE'], geometry: { ...DAX, filePages: 1, deviceDax: 1 },
    setup: (k) => {
      const mm = k.mm()
      const devDax = k.devDax()
      k.mapDax(mm, devDax)
      k.write(mm, 0, 6)
      return { mm, devDax }
    },
  }),
  state({
    name: 'device-dax huge', kind: 'dax', gives: ['mm', 'devDax'], needs: ['ZONE_DEVICE'], geometry: { ...DAX, deviceDax: 2 },
    setup: (k) => {
      const mm = k.mm()
      const devDax = k.devDax(2)
      k.mapDax(mm, devDax, 2)
      k.write(mm, 0, 6)
      return { mm, devDax }
    },
  }),
  state({
    name: 'P2PDMA', kind: 'dax', gives: ['mm', 'p2pdma'], needs: ['ZONE_DEVICE'], since: '6.12', geometry: { ...DAX, filePages: 1, p2pdma: 1 },
    setup: (k) => {
      const mm = k.mm()
      const p2pdma = k.p2pdma()
      k.call(p2pmem_mmap(p2pdma, mm, 0))
      k.write(mm, 0, 6)
      return { mm, p2pdma }
    },
  }),
  state({
    name: 'dma-buf', kind: 'device', gives: ['dmabuf', 'attach', 'to'], geometry: { fences: 2 },
    setup: (k) => {
      const dmabuf = k.dmaBuf()
      return { dmabuf, attach: dmabuf.attach(), to: k.driverPage() }
    },
  }),
]
