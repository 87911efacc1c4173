import type { Loaded } from '../learn/loaded.js'
import type { Deadline } from './bounds.js'

const WALKS = 48
const MAX_STEPS = 2_000
/** Until somebody looks at the clock. */
const STEPS = 50
const SEED = 1

/** A few random runs, so that the first search already knows most of what the threads touch. */
export function scout(loaded: Loaded, deadline: Deadline): void {
  const { core } = loaded
  core.wanderFrom(SEED)
  loaded.guarded(() => {
    for (let walk = 0; walk < WALKS; walk++) {
      loaded.restart()
      for (let step = 0; step < MAX_STEPS && core.wander(STEPS); step += STEPS) if (deadline.passed()) return
    }
  })
}

/** All steps that can be taken in the current state. */
export function readySteps({ core, program }: Loaded): { thread: number; alternative: number; leaf: number }[] {
  const ready = []
  for (let thread = 0; thread < program.threads.length; thread++) {
    const local = core.localOf(thread)
    const count = core.alternatives(local)
    for (let alternative = 0; alternative < count; alternative++) {
      const leaf = core.leafOf(local, alternative)
      if (!core.isBlocked(leaf)) ready.push({ thread, alternative, leaf })
    }
  }
  return ready
}
