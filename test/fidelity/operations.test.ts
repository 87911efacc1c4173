import { expect, it } from 'vitest'
import { runProgram } from '../../src/fidelity/run_program.js'
import { System } from '../../src/fidelity/system.js'

/** As a 6.1.192 kernel did without NUMA balancing. */
it('move_pages() finds pages that PROT_NONE hides', () => {
  const prog = ['mmap 0 0 4 0 3', 'write 0 0 1', 'mprotect 0 0 1 0', 'move 0 0 1 1']
  const steps = [...runProgram(new System(), { pages: [0], prog }, new Map())]
  expect([steps.at(-1)?.r, steps.at(-1)?.v]).toEqual([0, 1])
})
