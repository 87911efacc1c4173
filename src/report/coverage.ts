import { type FunctionArms, forgetArms, knownArms, addEntered } from '../engine/model/arms.js'
import { changes } from '../kernel/changes/index.js'
import type { Race } from '../race/race.js'

/** What searches came by of all that there is. */
export interface Coverage {
  readonly functions: readonly FunctionArms[]
  readonly changes: readonly { readonly id: string; readonly title: string; readonly entered: boolean }[]
  readonly reached: readonly { readonly race: string; readonly name: string; readonly reached: boolean }[]
}

/** What one search came by. */
interface One {
  readonly entered: readonly (readonly [file: string, arms: Uint8Array])[]
  readonly changes: readonly string[]
  readonly reached: readonly string[]
}

/** Adds up what searches came by. */
export class Covering {
  private readonly changes = new Set<string>()
  private readonly reached = new Set<string>()

  constructor() {
    forgetArms()
  }

  add(race: string, { entered, changes, reached }: One): void {
    addEntered(entered)
    for (const id of changes) this.changes.add(id)
    for (const name of reached) this.reached.add(`${race} ${name}`)
  }

  of(races: readonly Race[]): Coverage {
    return {
      functions: [...knownArms()].toSorted((a, b) => a.file.localeCompare(b.file, 'en') || a.line - b.line),
      changes: changes.map(({ id, title }) => ({ id, title, entered: this.changes.has(id) })),
      reached: races.flatMap(({ name: race, sometimes, maybe = [] }) => [...sometimes, ...maybe].map((name) => ({ race, name, reached: this.reached.has(`${race} ${name}`) }))),
    }
  }
}

/** What several came by together, of the same model. */
export function mergedCoverage(all: readonly Coverage[]): Coverage {
  const merged = <T>(lists: readonly (readonly T[])[], key: (one: T) => string, add: (a: T, b: T) => T): T[] => {
    const by = new Map<string, T>()
    for (const one of lists.flat()) {
      const known = by.get(key(one))
      by.set(key(one), known === undefined ? one : add(known, one))
    }
    return [...by.values()]
  }
  return {
    functions: merged(all.map(({ functions }) => functions), ({ file, name, line }) => `${file} ${name} ${line}`, (a, b) => ({
      ...a, entered: a.entered || b.entered, arms: a.arms.map((arm, i) => ({ ...arm, entered: arm.entered || (b.arms[i]?.entered ?? false) })),
    })),
    changes: merged(all.map(({ changes: own }) => own), ({ id }) => id, (a, b) => ({ ...a, entered: a.entered || b.entered })),
    reached: merged(all.map(({ reached }) => reached), ({ race, name }) => `${race} ${name}`, (a, b) => ({ ...a, reached: a.reached || b.reached })),
  }
}
