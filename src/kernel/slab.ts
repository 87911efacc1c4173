import type { Access } from '../engine/model/memory.js'
import type { Pool, Pooled } from './pool.js'
import { TooSmall } from './too_small.js'

/* kmem_cache_alloc() and kmem_cache_free() inside a step that does more. */

export const slab_alloc = <T extends Pooled>(m: Access, pool: Pool<T>): T => {
  const object = pool.at(m.get(pool.free))
  if (!object) throw new TooSmall(pool.size)
  m.set(pool.free, m.get(object.next))
  return object
}

export const slab_free = <T extends Pooled>(m: Access, pool: Pool<T>, object: T): void => {
  m.set(object.next, m.get(pool.free))
  m.set(pool.free, object.ref)
}
