import { expect, it } from 'vitest'
import { runProgram } from '../../src/fidelity/run_program.js'
import { System } from '../../src/fidelity/system.js'

const system = new System()

const last = (...prog: string[]) => [...runProgram(system, { pages: [0], prog }, new Map())].at(-1)!

// What a 6.1.192 kernel did.

it('a registered buffer may not span mappings of different files', () => {
  const { r, e } = last('mmap 0 0 4 0 3', 'mmap 0 2 2 1 3', 'upin 0 0 1 2')
  expect([r, e]).toEqual([-1, 22])
})

it.each(['dtodev', 'dtosys', 'dread'])('%s of nothing is an error', (name) => {
  expect(last('mmap 0 0 4 0 3', `${name} 0 0 0`)).toMatchObject({ r: -1, e: 22, v: 0 })
})

/** Without NUMA balancing. */
it('move_pages() finds pages that PROT_NONE hides', () => {
  const prog = ['mmap 0 0 4 0 3', 'write 0 0 1', 'mprotect 0 0 1 0', 'move 0 0 1 1']
  const { r, v } = last(...prog)
  expect([r, v]).toEqual([0, 1])
})
