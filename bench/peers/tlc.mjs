import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { find, timed } from '../measure.mjs'

const model = path.join(import.meta.dirname, '../scenario/Scenario.tla')
const jar = () => process.env.TLA2TOOLS

/** TLC: needs Java, and TLA2TOOLS to name the file tla2tools.jar. */
export const peer = {
  name: 'TLC',
  reduced: false,
  missing: () => [
    ...(find('java') ? [] : ['java']),
    ...(jar() && existsSync(jar()) ? [] : ['tla2tools.jar (name it in TLA2TOOLS)']),
  ].join(' and ') || undefined,
  prepare: ({ walkers, ptes, fix }) => {
    const cwd = mkdtempSync(path.join(tmpdir(), 'mmrace-bench-'))
    cpSync(model, path.join(cwd, 'Scenario.tla'))
    const constants = `N = ${walkers} M = ${ptes} Fix = ${fix ? 'TRUE' : 'FALSE'}`
    writeFileSync(path.join(cwd, 'Scenario.cfg'), `SPECIFICATION Spec\nINVARIANTS NotFreed NotLost\nCONSTANTS ${constants}\nCHECK_DEADLOCK FALSE\n`)
    return { cwd, compile: 0, done: () => rmSync(cwd, { recursive: true }) }
  },
  run: (_, { cwd }) => {
    const args = ['-XX:+UseParallelGC', '-cp', jar(), 'tlc2.TLC', '-continue', '-workers', '1', 'Scenario']
    // 12: an invariant is violated.
    const { output, wall, cpu } = timed('java', args, { cwd, accept: [0, 12] })
    const [, generated, distinct] = /(\d+) states generated, (\d+) distinct states found/.exec(output.replaceAll(',', (c, at) =>
      (/\d/.test(output[at + 1] ?? '') ? '' : c))) ?? []
    const violated = /is violated/.test(output)
    return { violated, states: Number(distinct), transitions: Number(generated) - 1, wall, cpu, searching: cpu }
  },
}
