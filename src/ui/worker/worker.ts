import { ModelError, UserError } from '../../engine/errors.js'
import { changesIn } from '../../kernel/changes/change.js'
import { type Race, withBothForms } from '../../race/race.js'
import { Checker } from './checker.js'
import type { FromWorker, Request, ToWorker } from './requests.js'

interface Port {
  addEventListener(type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void
  postMessage(message: FromWorker): void
}

/** What scripts of the user's may do, which run behind the checker's. */
interface Served {
  /** Adds a race to those that are known. */
  readonly add: (race: Race) => void
  /** Puts the changes that a module exports into a race, as a choice. */
  readonly change: (race: string, module: Readonly<Record<string, unknown>>) => void
}

/** Runs the checker in a worker: one request after the other, in slices, so that it hears when it is to stop. */
export function serve(port: Port, races: readonly Race[]): Served {
  const known = new Map(races.map((race) => [race.name, race]))
  const checker = new Checker(known)
  let running = new AbortController()
  let turn: Promise<void> = Promise.resolve()
  port.addEventListener('message', ({ data }) => {
    if ('stop' in data) return running.abort()
    turn = turn.then(async () => {
      running = new AbortController()
      port.postMessage(await answer(checker, data.id, data.request, running.signal, port))
    })
  })
  return {
    add: (race) => void known.set(race.name, race),
    change: (name, module) => void known.set(name, withBothForms(known.get(name)!, changesIn(module))),
  }
}

async function answer(checker: Checker, id: number, request: Request, signal: AbortSignal, port: Port): Promise<FromWorker> {
  try {
    const steps = checker.answer(request, signal)
    for (;;) {
      const step = steps.next()
      if (step.done) return { id, reply: step.value }
      port.postMessage({ id, progress: step.value })
      await new Promise((resolve) => setTimeout(resolve))
    }
  } catch (error) {
    const known = error instanceof UserError || error instanceof ModelError
    const message = error instanceof Error ? error.message : String(error)
    return { id, failed: { message, hint: known ? error.hint : 'a fault in mmrace itself, please report it' } }
  }
}
