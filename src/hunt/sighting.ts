import { callPath } from '../engine/learn/call-path.js'
import type { Loaded } from '../engine/learn/loaded.js'
import { replay } from '../engine/search/replay.js'
import type { Found } from '../engine/search/result.js'

/** A violation in a scene, as plain data. */
export interface Sighting {
  readonly oracle: string
  readonly message: string
  /** The function in which it is seen; none for what is seen at the end. */
  readonly where: string
}

/** What tells two violations apart before the orders that they need are known: not names of pages, tables and CPUs. */
export const kindOf = ({ oracle, message, where }: Sighting): string =>
  `${oracle} ${message.replaceAll(/\d+/g, 'n').replaceAll(/CPU [A-Z]\b|lane n|"[^"]*"/g, '…')} ${where}`

export function sightingOf(loaded: Loaded, found: Found): Sighting {
  const { violation: { oracle, message } } = found
  if (found.cycles || found.loop !== undefined) return { oracle, message, where: '' }
  const { steps } = replay(loaded, found.schedule)
  const last = steps.at(-1)
  const where = last?.leaf.violation ? callPath(last.local.frames).slice(-1).join() : ''
  return { oracle, message, where }
}
