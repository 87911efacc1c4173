/** Where an entry is cleared first and flushed later, when the lock may be gone. */
export const deferredFlush = [
  'x86-native', 'x86-pv', 'x86-pae', 'x86-invlpgb', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 'riscv64', 'riscv64-svrsw60t59b', 'loongarch64', 'sh', 'generic', 'generic-no-special', 'generic-no-fast-gup',
]

/** Where GUP-fast takes pages that are mapped by small entries. */
export const withFastGup = ['x86-native', 'x86-pv', 'x86-pae', 'x86-invlpgb', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 'ppc64-hash', 's390', 'loongarch64', 'sh', 'generic']

/** The same on kernels since 6.12: riscv64 has GUP-fast there. */
export const withFastGupSince612 = [...withFastGup, 'riscv64', 'riscv64-svrsw60t59b']

/** Of those with ZONE_DEVICE: where no flush waits for a walker that has interrupts off. */
export const deviceMemoryWithoutIpi = ['x86-pv', 'x86-invlpgb', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 'ppc64-hash', 'riscv64', 'riscv64-svrsw60t59b']

/** Of those with ZONE_DEVICE: where an entry is changed first and flushed later. */
export const deviceMemoryFlushedLater = ['x86-native', 'x86-pv', 'x86-invlpgb', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 'riscv64', 'riscv64-svrsw60t59b']

/** Where no flush waits for a walker that has interrupts off. */
export const flushWithoutIpi = ['x86-pv', 'x86-invlpgb', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 's390']

/** The same where there is GUP-fast, which riscv64 has since 6.12. */
export const flushWithoutIpiSince612 = [...flushWithoutIpi, 'riscv64', 'riscv64-svrsw60t59b']

/** HAVE_ARCH_USERFAULTFD_WP. */
export const withUffdWp = ['x86-native', 'x86-pv', 'x86-invlpgb']

/** ARCH_SUPPORTS_NUMA_BALANCING. */
export const withNumaBalancing = ['x86-native', 'x86-pv', 'x86-invlpgb', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 'ppc64-hash', 's390', 'riscv64', 'loongarch64']
