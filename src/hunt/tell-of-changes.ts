import { type Replacements, replaceFunctions } from '../engine/model/replace.js'
import type { Change } from '../kernel/changes/change.js'
import { pairOf } from '../kernel/changes/changes_of.js'
import { changes as known } from '../kernel/changes/index.js'
import type { Kernel } from '../kernel/kernel.js'

/** From now on, `asked` hears of every change that model code of this kernel asks for, and of each that rewrites a function which runs. */
export function tellOfChanges({ changes }: Kernel, own: readonly Change[], asked: (id: string) => void): void {
  const { ids } = changes
  const has = (id: string): boolean => {
    asked(id)
    return Set.prototype.has.call(ids, id)
  }
  Object.assign(ids, { has })
  const replaced = heard(changes.replaced, [...known, ...own], asked)
  Object.assign(changes, { replaced })
  replaceFunctions(replaced)
}

/** The same functions run, and are heard. */
function heard(replaced: Replacements, changes: readonly Change[], asked: (id: string) => void): Replacements {
  const all = new Map(replaced)
  for (const { id, replace = [] } of changes) {
    for (const fn of replace.flatMap(pairOf)) {
      const runs = all.get(fn) ?? fn
      const { plain } = runs
      if (!plain || fn.usesThis) continue
      all.set(fn, { ...runs, plain: (...args) => {
        asked(id)
        return plain(...args)
      } })
    }
  }
  return all
}
