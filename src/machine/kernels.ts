/** A kernel that is modelled: a version as a distribution released it. */
export interface KernelVersion {
  readonly name: string
  /** As released. */
  readonly version: string
  /** What was recorded on it, by the names of files in test/fidelity. */
  readonly recordings: readonly string[]
}

/** Every kernel that is modelled, oldest first. A change or a fact holds from one of them on. */
export const kernels = [
  { name: '6.1', version: '6.1.192', recordings: ['mixed', 'special', 'wide'] },
  { name: '6.12', version: '6.12.117', recordings: ['stock-6.12'] },
  { name: '7.2', version: '7.2.13', recordings: ['stock-arm64-7.2', 'stock-ppc-radix-7.2', 'stock-riscv64-7.2', 'stock-s390x-7.2', 'random-arm64-7.2'] },
  { name: '7.3', version: '7.3.4', recordings: ['stock-7.3'] },
] as const satisfies readonly KernelVersion[]

export type KernelName = (typeof kernels)[number]['name']

export const kernelNames: readonly KernelName[] = kernels.map(({ name }) => name)

/** What runs where no kernel is named. */
export const DEFAULT_KERNEL: KernelName = '6.1'

export const isKernelName = (name: string): name is KernelName => kernelNames.includes(name as KernelName)

/** Whether kernel `a` comes after `b` or is it. */
export const isSince = (a: KernelName, b: KernelName): boolean => kernelNames.indexOf(a) >= kernelNames.indexOf(b)

/** What differs by kernel: each value holds from its kernel on, until the next that is named. The oldest kernel is named. */
export class ByKernel<T> {
  constructor(readonly values: Readonly<Partial<Record<KernelName, T>>>) {}

  on(kernel: KernelName): T {
    const from = kernelNames.findLast((name) => isSince(kernel, name) && Object.hasOwn(this.values, name))
    if (from === undefined) throw new Error(`nothing is said of kernel ${kernel}`)
    return this.values[from] as T
  }
}

/** `byKernel({ '6.1': a, '7.3': b })`: `a` until 7.2, `b` since 7.3. */
export const byKernel = <T>(values: Readonly<Partial<Record<KernelName, T>>> & { readonly '6.1': T }): ByKernel<T> => new ByKernel(values)

/** Facts, some of which differ by kernel. */
export type FactsByKernel<T> = { readonly [K in keyof T]: T[K] | ByKernel<T[K]> }

/** The facts as they are on a kernel. */
export const onKernel = <T extends object>(facts: FactsByKernel<T>, kernel: KernelName): T =>
  Object.fromEntries(Object.entries(facts).map(([key, value]) => [key, value instanceof ByKernel ? value.on(kernel) : value])) as T
