import { ModelError } from '../errors.js'

/** How many properties of one are looked at. */
const MOST = 200

/**
 * Handles that model code has, each with what was in it when it was met first. They are made at set-up and do not change:
 * what model code changed in one would be there, or not, by the order in which its functions are learned.
 */
export class Handles {
  private readonly seen = new WeakSet<object>()
  private readonly known: { readonly handle: object; readonly before: ReadonlyMap<string, unknown> }[] = []

  add(handle: object): void {
    if (this.seen.has(handle)) return
    this.seen.add(handle)
    this.known.push({ handle, before: inside(handle) })
  }

  /** Throws when one has changed. */
  unchanged(): void {
    for (const { handle, before } of this.known) {
      const now = inside(handle)
      const changed = [...new Set([...before.keys(), ...now.keys()])].find((key) => !Object.is(before.get(key), now.get(key)))
      if (changed === undefined) continue
      const name = (handle.constructor as { name?: string } | undefined)?.name ?? 'object'
      throw new ModelError('broke-a-rule', `model code has changed ${changed} of a ${name} that was made at set-up`, 'shared state lives in cells: memory.cell(…)')
    }
  }
}

/** The properties of an object; of the collections among them, and of the object if it is one, how much is in them. */
function inside(object: object): Map<string, unknown> {
  const parts = new Map<string, unknown>()
  const own = sizeOf(object)
  if (own !== undefined) return parts.set('the content', own)
  if (ArrayBuffer.isView(object)) return parts
  for (const key of Object.keys(object).slice(0, MOST)) {
    const { value } = Object.getOwnPropertyDescriptor(object, key)! as { value?: unknown }
    parts.set(key, typeof value === 'object' && value !== null ? sizeOf(value) ?? value : value)
  }
  return parts
}

const sizeOf = (value: object): number | undefined =>
  (Array.isArray(value) ? value.length : value instanceof Map || value instanceof Set ? value.size : undefined)
