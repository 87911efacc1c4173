import { modelThrew, UserError } from '../engine/errors.js'
import { unrun } from '../engine/model/unrun.js'
import type { Kernel } from '../kernel/kernel.js'
import { oracles } from '../oracles/index.js'
import type { EndCheck } from '../oracles/oracle.js'
import { type OwnOracle, Watch } from './own-oracle.js'

/** What a race names in `oracles`. */
export type Chosen = readonly (string | OwnOracle<never>)[] | undefined

export const ownOracles = (chosen: Chosen): readonly OwnOracle<never>[] => (chosen ?? []).filter((one) => typeof one !== 'string')

/** The ids of the oracles that are checked: those that are named, or if none is, all; and those of the race's own. */
export function oracleIds(chosen: Chosen): readonly string[] {
  const named = (chosen ?? []).filter((one) => typeof one === 'string')
  const ours = named.length > 0 ? named : [...oracles.values()].filter(({ lint }) => !lint).map(({ id }) => id)
  return [...ours, ...ownOracles(chosen).map(({ id }) => id)]
}

/** What an oracle of the race's own says to look at. */
function watches(id: string, watch: () => unknown): void {
  let given: unknown
  try {
    given = watch()
  } catch (cause) {
    throw modelThrew(`watch() of oracle ${id}`, cause, "watch: (k, env) => { k.changes(cell, …) } says what to look at")
  }
  const what = unrun(given)
  if (what) throw new UserError('bad-oracle', `watch() of oracle ${id} gives ${what}, which nobody runs`, 'make it a plain function')
}

/** Installs them on a kernel that the race has been set up on. What they look at when all threads have ended. */
export function installOracles(chosen: Chosen, kernel: Kernel, env: unknown): EndCheck[] {
  const ours = oracleIds(chosen).flatMap((id) => oracles.get(id)?.install(kernel) ?? [])
  const own = ownOracles(chosen).map(({ id, watch }) => {
    const look = new Watch(id, kernel)
    watches(id, () => watch(look, env as never))
    return (m: Parameters<EndCheck>[0]) => look.look(m)
  })
  return [...ours, ...own]
}
