import type { Steps } from './step.js'

/** Whether this can be taken with `yield*`: a step, a call, or a generator; no mere collection. */
export const isSteps = (value: unknown): value is Steps<unknown> =>
  typeof value === 'object' && value !== null && (Symbol.iterator in value && (('request' in value) || ('next' in value && typeof value.next === 'function')))
