/** What a plain function gave that somebody would have to run, such as a generator: undefined when it is a value. */
export function unrun(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if ('request' in value) return 'a step or a call'
  if ('then' in value && typeof value.then === 'function') return 'a promise'
  return 'next' in value && typeof value.next === 'function' && Symbol.iterator in value ? 'a generator' : undefined
}
