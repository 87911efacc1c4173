import type { SceneResult } from './scene-result.js'
import { kindOf, type Sighting } from './sighting.js'

/** Violations that are the same as far as can be told. */
export interface Group extends Sighting {
  /** How many scenes show it. */
  readonly scenes: number
  readonly archs: readonly string[]
  /** The smallest of them. */
  readonly smallest: Pick<SceneResult, 'arch' | 'state' | 'operations' | 'states'>
}

/** Groups of violations, by kind. */
export class Groups {
  private readonly groups = new Map<string, Group>()

  /** Whether there is a kind among them that was not known. */
  add(result: SceneResult): boolean {
    const before = this.groups.size
    for (const sighting of result.sightings) {
      const kind = kindOf(sighting)
      const known = this.groups.get(kind)
      if (!known) this.groups.set(kind, { ...sighting, scenes: 1, archs: [result.arch], smallest: smallOf(result) })
      else {
        this.groups.set(kind, {
          ...(smaller(result, known.smallest) ? { ...sighting, smallest: smallOf(result) } : known),
          scenes: known.scenes + 1,
          archs: known.archs.includes(result.arch) ? known.archs : [...known.archs, result.arch],
        })
      }
    }
    return this.groups.size > before
  }

  /** Those with the most scenes first. */
  get list(): readonly Group[] {
    return [...this.groups.values()].toSorted((a, b) => b.scenes - a.scenes)
  }

  get size(): number {
    return this.groups.size
  }
}

const smallOf = ({ arch, state, operations, states }: SceneResult): Group['smallest'] => ({ arch, state, operations, states })

const smaller = (a: Group['smallest'], b: Group['smallest']): boolean =>
  a.operations.length < b.operations.length || (a.operations.length === b.operations.length && a.states < b.states)
