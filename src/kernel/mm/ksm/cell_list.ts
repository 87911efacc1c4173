import type { Access, Cell } from '../../../engine/model/memory.js'

/* Lists of pool references, linked by a cell of each object. Inside steps. */

/** All references of a list. */
export const list_of = (m: Access, head: Cell, link: (ref: number) => Cell): number[] => {
  const refs: number[] = []
  for (let ref = m.get(head); ref; ref = m.get(link(ref))) refs.push(ref)
  return refs
}

/** Takes one out, if it is there. */
export const list_del = (m: Access, head: Cell, link: (ref: number) => Cell, ref: number): void => {
  let at = head
  while (m.get(at) && m.get(at) !== ref) at = link(m.get(at))
  if (m.get(at)) m.set(at, m.get(link(ref)))
}

/** Puts one at the front. */
export const list_add = (m: Access, head: Cell, link: (ref: number) => Cell, ref: number): void => {
  m.set(link(ref), m.get(head))
  m.set(head, ref)
}

/** Puts one at the end. */
export const list_add_tail = (m: Access, head: Cell, link: (ref: number) => Cell, ref: number): void => {
  let at = head
  while (m.get(at)) at = link(m.get(at))
  m.set(at, ref)
  m.set(link(ref), 0)
}
