import { direct } from './direct.js'
import { made } from './made.js'
import { type Request, type Steps, suspend } from './step.js'

/** A function of model code as the engine knows it. */
export interface FnInfo {
  readonly name: string
  /** Where it is defined, when the code was instrumented. */
  readonly file?: string
  readonly line?: number
  readonly body: (...args: never[]) => Steps<unknown>
  /** The same without a generator, for a sequential run, when the code was instrumented. */
  readonly plain?: (...args: never[]) => unknown
  /** `this` is its first argument. */
  readonly usesThis?: true
  /** What runs in its place on the current kernel (replace.ts). */
  now?: FnInfo | undefined
}

/** Every function of instrumented code that has been loaded, by place: what coverage is measured against. */
export const knownFunctions = new Map<string, FnInfo>()

/** A call of model code. The engine runs it in a frame of its own, which it forgets when the call returns. */
export class Call<T> implements Request, Steps<T> {
  readonly request = 'call'
  constructor(readonly fn: FnInfo, readonly args: readonly unknown[]) {
    made.count++
  }

  [Symbol.iterator](): Iterator<Request, T, unknown> {
    return suspend<T>(this)
  }
}

/** Functions that give a Call already, because the code that made them was instrumented. */
export const instrumented = new WeakSet<object>()

/**
 * Makes a generator function callable as model code with a frame of its own. Files loaded by mmrace get this for
 * every generator function of model code by themselves (src/instrument).
 */
export function fn<A extends unknown[], T>(body: (...args: A) => Steps<T>, name = body.name): (...args: A) => Call<T> {
  if (instrumented.has(body)) return body as (...args: A) => Call<T>
  const info: FnInfo = { name, body: body as unknown as FnInfo['body'] }
  const callable = (...args: A): Call<T> => {
    const call = new Call<T>(info.now ?? info, args)
    return direct.run ? direct.run.answer(call) as Call<T> : call
  }
  return Object.defineProperty(callable, 'name', { value: name })
}
