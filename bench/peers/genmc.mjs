import path from 'node:path'
import { find, timed } from '../measure.mjs'

const model = path.join(import.meta.dirname, '../scenario/scenario.c')

/** GenMC: stateless, so it has executions and no states. It stops at the first violation. */
export const peer = {
  name: 'GenMC',
  reduced: true,
  missing: () => (find('genmc') ? undefined : 'genmc'),
  prepare: () => ({ compile: 0 }),
  run: ({ walkers, ptes, fix }) => {
    const defines = [`-DN=${walkers}`, `-DM=${ptes}`, ...(fix ? ['-DFIX'] : [])]
    const { output, wall, cpu } = timed('genmc', ['--sc', '--disable-estimation', '--', ...defines, model], { accept: [0, 42] })
    const violated = /^Error|violation/m.test(output)
    return { violated, wall, cpu, searching: cpu }
  },
}
