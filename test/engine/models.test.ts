import { describe, expect, it } from 'vitest'
import { bakery, fifo, peterson, szymanski } from '../../bench/models/mmrace.js'
import { check } from '../../src/engine/search/explore.js'

// As SPIN 6.5.2 counts them with -DNOREDUCE in the .pml of the same name, but for the start, which it counts as a transition.
const COUNTS = {
  'peterson(4)': [() => peterson(4), 11_316, 31_528],
  'bakery(3, 4)': [() => bakery(3, 4), 27_001, 68_943],
  'szymanski(4)': [() => szymanski(4), 4_327, 11_874],
  'fifo(4, 4)': [() => fifo(4, 4), 1_705, 3_404],
} as const

describe('models of bench/models', () => {
  it.each(Object.entries(COUNTS))('%s has the states and transitions that SPIN has', (_, [make, states, transitions]) => {
    const { verdict, stats } = check(make(), { reduce: false })
    expect({ verdict, states: stats.states, transitions: stats.transitions }).toEqual({ verdict: 'holds', states, transitions })
    expect(check(make()).verdict).toBe('holds')
  })
})
