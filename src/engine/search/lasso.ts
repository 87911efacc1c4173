import { InternalError } from '../errors.js'
import type { Loaded } from '../learn/loaded.js'
import type { Choice, Found } from './result.js'
import { readySteps } from './scout.js'

/** The name under which a run is reported on which threads keep each other going for ever, though others end. */
const FAIR_CYCLE = 'fair cycle'

/** The run to the component of states that the core stopped at, and once round it so that every thread that can takes a step. */
export function lasso(loaded: Loaded, wayIn: readonly Choice[]): Found {
  const { core, program: { threads } } = loaded
  const start = loaded.words.slice()
  let missing = core.trapSteppers()
  const round: Choice[] = []
  let at: Int32Array = start
  while (missing !== 0) {
    const way = shortest(loaded, at, (thread) => ((missing >>> thread) & 1) !== 0)
    round.push(...way.steps)
    for (const { thread } of way.steps) missing &= ~(1 << thread)
    at = way.to
  }
  const home = start.join()
  if (at.join() !== home) round.push(...shortest(loaded, at, () => loaded.words.join() === home).steps)
  loaded.jump(start)
  const names = [...new Set(round.map(({ thread }) => thread))].toSorted((a, b) => a - b).map((thread) => threads[thread]!.name)
  const keep = names.length === 1 ? `${names[0]} can go round for ever, though nobody has to wait for it` : `${names.join(' and ')} can keep each other going for ever, however fairly they take turns`
  return { violation: { oracle: FAIR_CYCLE, message: keep }, schedule: [...wayIn, ...round], loop: round.length }
}

interface Way { readonly steps: readonly Choice[]; readonly to: Int32Array }

/** A shortest way within the component whose last step, right after it was taken, is one that is wanted. */
function shortest(loaded: Loaded, from: Int32Array, wanted: (thread: number) => boolean): Way {
  const { core } = loaded
  const ways: { readonly words: Int32Array; readonly before: number; readonly choice?: Choice }[] = [{ words: from, before: -1 }]
  const seen = new Set([from.join()])
  for (let i = 0; i < ways.length; i++) {
    const { words } = ways[i]!
    loaded.jump(words)
    for (const { thread, alternative, leaf } of readySteps(loaded)) {
      loaded.jump(words)
      core.advance(thread, leaf)
      if (!core.inTrap()) continue
      const to = loaded.words.slice()
      const choice = { thread, alternative }
      if (wanted(thread)) {
        const steps = [choice]
        for (let way = ways[i]!; way.choice; way = ways[way.before]!) steps.unshift(way.choice)
        return { steps, to }
      }
      const state = to.join()
      if (!seen.has(state)) ways.push({ words: to, before: i, choice })
      seen.add(state)
    }
  }
  throw new InternalError('a thread that takes steps in a component takes none')
}
