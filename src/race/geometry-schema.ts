import * as z from 'zod/mini'
import { type Geometry, SMALL } from '../kernel/geometry.js'
import { fields, problem, refused } from '../engine/schema-parts.js'

/** The most of anything: what the model is made for, and more than a search could bear. */
const MOST = 4096
/** Where there must be more than none, or where fewer than `MOST` are the end of it. */
const BOUNDS: Readonly<Partial<Record<keyof Geometry, readonly [least: number, most: number]>>> = {
  ptrsPerPte: [1, 512], ptrsPerPmd: [1, 512], nodes: [1, 8], mms: [1, 64], tables: [0, 512], refcountBits: [2, 32],
  pagevecSize: [1, 64], gatherPages: [1, MOST], migratePasses: [1, 100], oomReapRetries: [0, 100], workers: [0, 31],
}

const size = (name: keyof Geometry) => {
  const [least, most] = BOUNDS[name] ?? [0, MOST]
  const hint = `give a whole number from ${least} to ${most}`
  return z.number(refused('not a number', hint)).check(
    z.refine((value) => Number.isInteger(value) && value >= least && value <= most, refused('no usable size', hint)))
}

const flag = z.boolean(refused('neither true nor false', 'give true or false'))

/** Sizes of which one must be no larger than the other. */
const WITHIN: readonly (readonly [part: keyof Geometry, whole: keyof Geometry])[] = [
  ['movableNodes', 'nodes'], ['userfaultfds', 'mms'],
]

/** The sizes that a race asks for. */
export const geometrySchema = fields('geometry', Object.fromEntries(
  Object.entries(SMALL).map(([name, usual]) => [name, z.optional(typeof usual === 'boolean' ? flag : size(name as keyof Geometry))]),
)).check(({ value, issues }) => {
  const sizes = { ...SMALL, ...value } as Geometry
  if (!Number.isInteger(Math.log2(sizes.ptrsPerPte))) issues.push({ ...problem(sizes.ptrsPerPte, `is no power of two: ${sizes.ptrsPerPte}`, 'give 2, 4, 8 …'), path: ['ptrsPerPte'] })
  for (const [part, whole] of WITHIN) {
    if (sizes[part] <= sizes[whole]) continue
    issues.push({ ...problem(sizes[part], `is more than ${whole}, ${sizes[part]} of ${sizes[whole]}`, `they are the first of these: ${whole}: ${sizes[part]}`), path: [part] })
  }
})
