const DEVICE = /^(dev|device|gpu|nic|nvme|dma|iommu|smmu|hmm|ats)\b|\b(device|iommu|smmu)$/i

/** Whether a lane is a CPU or hardware beside the CPUs. */
export const laneKind = (name: string): 'cpu' | 'device' => (DEVICE.test(name) ? 'device' : 'cpu')
