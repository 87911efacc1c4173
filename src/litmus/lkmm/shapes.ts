import type { Trace } from './trace.js'

/** The traces of one thread that differ in values only: what they access, in which order, is the same. */
export interface Shape {
  readonly traces: readonly Trace[]
}

export function shapesOf(traces: readonly Trace[]): Shape[] {
  const shapes = new Map<string, Trace[]>()
  for (const trace of traces) {
    const key = keyOf(trace)
    const shape = shapes.get(key)
    if (shape) shape.push(trace)
    else shapes.set(key, [trace])
  }
  return [...shapes.values()].map((list) => ({ traces: list }))
}

function keyOf({ events, fences }: Trace): string {
  let key = ''
  for (const { kind, location, address, data, control } of events) key += `${kind},${location},${address},${data},${control};`
  for (const { fence, at } of fences) key += `${fence}${at};`
  return key
}
