import type { Race } from '../race/race.js'
import { mount } from './app/mount.js'
import { serve } from './worker/worker.js'

/** The one entry of the bundle: the page in a document, the checker in a worker. */
export function start(races: readonly Race[]): void {
  const byName = new Map(races.map((race) => [race.name, race]))
  if (typeof document === 'undefined') serve(self as never, byName)
  else mount(byName)
}
