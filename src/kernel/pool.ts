import type { Cell, Memory } from '../engine/model/memory.js'
import { atomic, type Step } from '../engine/model/step.js'
import type { SizeName } from './geometry.js'

/** An object of a pool. `ref` is its index plus one: what a pointer to it looks like in a cell. */
export interface Pooled {
  readonly ref: number
  /** Link of the free list while the object is free. */
  readonly next: Cell
}

/** A slab cache: a fixed number of objects, made when the machine boots. A pointer of 0 is NULL. */
export class Pool<T extends Pooled> {
  readonly free: Cell
  readonly objects: readonly T[]

  /** `size` is what makes the geometry have more of them. */
  constructor(
    memory: Memory, readonly name: string, readonly size: SizeName, count: number, make: (ref: number, next: Cell) => T,
  ) {
    this.free = memory.quiet(`${name}.free`, count > 0 ? 1 : 0)
    this.objects = Array.from({ length: count }, (_, i) =>
      make(i + 1, memory.quiet(`${name}${i}.next`, i + 1 < count ? i + 2 : 0)))
  }

  /** How many are free, in a state. */
  free_objects(get: (cell: Cell) => number): number {
    let count = 0
    for (let object = this.at(get(this.free)); object; object = this.at(get(object.next))) count++
    return count
  }

  /** The object that `ref` points to. */
  at(ref: number): T | undefined {
    return this.objects[ref - 1]
  }

  /** As `at`, where the kernel would oops on NULL. */
  deref(ref: number): T {
    const object = this.objects[ref - 1]
    if (!object) throw new Error(`NULL ${this.name} dereferenced (${ref})`)
    return object
  }
}

/** Takes an object from its pool; undefined when none is left. */
export const kmem_cache_alloc = <T extends Pooled>(pool: Pool<T>): Step<T | undefined> =>
  atomic(`alloc ${pool.name}`, (m) => {
    const object = pool.at(m.get(pool.free))
    if (object) m.set(pool.free, m.get(object.next))
    return object
  })

/** Gives an object back. The last freed is the next allocated. */
export const kmem_cache_free = <T extends Pooled>(pool: Pool<T>, object: T): Step =>
  atomic(`free ${pool.name}`, (m) => {
    m.set(object.next, m.get(pool.free))
    m.set(pool.free, object.ref)
    return 0
  })
