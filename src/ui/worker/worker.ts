import { ModelError, UserError } from '../../engine/errors.js'
import type { Race } from '../../race/race.js'
import { Checker } from './checker.js'
import type { FromWorker, Request, ToWorker } from './requests.js'

interface Port {
  addEventListener(type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void
  postMessage(message: FromWorker): void
}

/**
 * Runs the checker in a worker: one request after the other, in slices, so that it hears when it is to stop. Returns
 * what adds a race to those it knows.
 */
export function serve(port: Port, races: readonly Race[]): (race: Race) => void {
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
  return (race) => void known.set(race.name, race)
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
