import path from 'node:path'
import { timed } from '../measure.mjs'

const child = path.join(import.meta.dirname, 'mmrace-child.mjs')

const peer = (name, ...options) => ({
  name,
  reduced: options[0] !== 'none',
  missing: () => undefined,
  prepare: () => ({ compile: 0 }),
  run: ({ walkers, ptes, fix }) => {
    const { output, wall, cpu } = timed(process.execPath, [child, walkers, ptes, fix ? 1 : 0, ...options].map(String))
    return { ...JSON.parse(output), wall, cpu }
  },
})

export const unreduced = peer('mmrace, unreduced', 'none')
export const unreducedTwo = peer('mmrace, unreduced, 2 workers', 'none', 2)
export const reduced = peer('mmrace', 'all')
export const reducedTwo = peer('mmrace, 2 workers', 'all', 2)
