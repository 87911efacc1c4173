import type { Kernel } from '../kernel/kernel.js'

/** From now on, `asked` hears of every change that model code of this kernel asks for. */
export function tellOfChanges({ changes }: Kernel, asked: (id: string) => void): void {
  const { ids } = changes
  const has = (id: string): boolean => {
    asked(id)
    return Set.prototype.has.call(ids, id)
  }
  Object.assign(ids, { has })
}
