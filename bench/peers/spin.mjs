import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { find, timed } from '../measure.mjs'

const model = path.join(import.meta.dirname, '../scenario/scenario.pml')

const number = (output, pattern) => Number(pattern.exec(output)?.[1])

const peer = (name, reduced) => ({
  name,
  reduced,
  missing: () => ['spin', 'gcc'].filter((program) => !find(program)).join(' and ') || undefined,
  prepare: ({ walkers, ptes, fix }) => {
    const cwd = mkdtempSync(path.join(tmpdir(), 'mmrace-bench-'))
    const generate = timed('spin', ['-a', `-DN=${walkers}`, `-DM=${ptes}`, ...(fix ? ['-DFIX'] : []), model], { cwd })
    const flags = ['-O3', '-w', '-DSAFETY', '-DMEMLIM=16000', ...(reduced ? [] : ['-DNOREDUCE'])]
    const compile = timed('gcc', [...flags, '-o', 'pan', 'pan.c'], { cwd })
    return { cwd, compile: generate.wall + compile.wall, done: () => rmSync(cwd, { recursive: true }) }
  },
  run: (_, { cwd }) => {
    // -c0: go on to the end whatever is violated.
    const { output, wall, cpu } = timed('./pan', ['-c0', '-m100000'], { cwd })
    const violated = number(output, /errors: (\d+)/) > 0
    const states = number(output, /(\d+) states, stored/)
    // pan counts the initial state as a transition.
    // Above a hundred million it prints seven digits and an exponent.
    const transitions = number(output, /([\d.e+]+) transitions/) - 1
    const bytes = number(output, /([\d.]+)\s+total actual memory usage/) * 2 ** 20
    return { violated, states, transitions, bytes, wall, cpu, searching: cpu }
  },
})

export const unreduced = peer('SPIN, unreduced', false)
export const reduced = peer('SPIN', true)
