/** Where an entry is cleared first and flushed later, when the lock may be gone. */
export const deferredFlush = [
  'x86-native', 'x86-pv', 'x86-pae', 'arm64', 'ppc64-radix', 'generic', 'generic-no-special', 'generic-no-fast-gup',
]

/** Where GUP-fast takes pages that are mapped by small entries. */
export const withFastGup = ['x86-native', 'x86-pv', 'x86-pae', 'arm64', 'ppc64-radix', 'ppc64-hash', 's390', 'generic']

/** Where there is memory of devices that the CPU maps (ZONE_DEVICE, ARCH_HAS_PTE_DEVMAP). */
export const withDeviceMemory = ['x86-native', 'x86-pv', 'arm64', 'ppc64-radix', 'ppc64-hash']

/** Those of them where no flush waits for a walker that has interrupts off. */
export const deviceMemoryWithoutIpi = ['x86-pv', 'arm64', 'ppc64-radix', 'ppc64-hash']

/** Where no flush waits for a walker that has interrupts off. */
export const flushWithoutIpi = ['x86-pv', 'arm64', 'ppc64-radix', 's390']

/** HAVE_ARCH_USERFAULTFD_WP. */
export const withUffdWp = ['x86-native', 'x86-pv']

/** ARCH_SUPPORTS_NUMA_BALANCING. */
export const withNumaBalancing = ['x86-native', 'x86-pv', 'arm64', 'ppc64-radix', 'ppc64-hash', 's390']
