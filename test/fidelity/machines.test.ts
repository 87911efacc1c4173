import { expect, it } from 'vitest'
import { recordedMachine } from '../../src/fidelity/machines.js'
import type { Program } from '../../src/fidelity/program.js'
import { System } from '../../src/fidelity/system.js'
import { runProgram } from '../../src/fidelity/run_program.js'
import type { KernelName } from '../../src/machine/kernels.js'

const script = async (name: string): Promise<unknown> => import(/* @vite-ignore */ new URL(`../../scripts/record/${name}`, import.meta.url).href)
const { machines } = await script('machines.mjs') as { machines: Readonly<Record<string, { readonly kernels: object }>> }
const { recordings } = await script('decode.mjs') as { recordings: (lines: readonly string[], programs: readonly object[]) => Iterable<Program> }

it.each(Object.entries(machines).flatMap(([name, { kernels }]) => Object.keys(kernels).map((kernel) => [name, kernel] as const)))(
  'what is recorded on %s, %s, can be compared', (name, kernel) => {
    const { geometry } = recordedMachine(name, kernel as KernelName)
    expect(geometry.ptrsPerPte * geometry.ptrsPerPmd).toBeGreaterThanOrEqual(4096)
  })

it.each([
  ['x86-64', 512, 'HZ'], ['arm64-16k', 2048, 'HZ'], ['ppc64-radix-64k', 32, 'HZ'], ['s390', 256, 'HZ'], ['s390x', 256, 'Z'], ['ppc64-hash', 512, 'Z'],
] as const)('%s: a huge page is %i pages, and a read of one maps %s', (name, pages, zero) => {
  const system = new System(undefined, '7.2', name)
  const prog = [`mmap 0 0 ${pages} 0 3`, `madvise 0 0 ${pages} 14`, `read 0 ${pages - 1}`]
  const [, , read] = runProgram(system, { pages: [pages - 1], prog }, new Map())
  expect(read?.o[0]?.[6]).toBe(zero)
})

it('a CPU that sets no dirty bits takes a fault for the first store, which leaves the same', () => {
  const prog = ['mmap 0 0 1 1 3', 'read 0 0', 'write 0 0 7']
  const last = (arch: string) => [...runProgram(new System(undefined, '7.2', arch), { pages: [0], prog }, new Map())].at(-1)?.o
  expect(last('arm64-sw-dirty')).toEqual(last('arm64'))
})

it('what a recording machine says becomes a recorded program: what does not change is said once, and frames are numbered anew after what was skipped', () => {
  const lines = [
    'boot messages', 'P one 0 1', 'M 0 0 2 rw-p', 'S 0 0 -1', 'O 0 0 80000000000000 0 0', 'O 0 1 80000000000000 0 0', 'M 0 0 2 rw-p',
    'S 0 0 -1', 'O 0 1 8180000000001234 1 502c', 'S skip', 'S 0 0 -1', 'X 0', 'E', 'P cut 0', 'S 0 0 -1',
  ]
  const prog = ['mmap 0 0 2 0 3', 'write 0 1 1', 'read 3 0', 'munlock 0 0 2']
  const [one, ...more] = recordings(lines, [{ id: 'one', pages: [0, 1], prog }, { id: 'cut', pages: [0], prog: ['ksm 0', 'ksm 0'] }])
  const page = [0, 1, 'P', 0, 1, -1, 0, 0, 1, 0, 1, 'ANON|SWAPBACKED', 'LRU|REFERENCED|UPTODATE']
  const none = [0, 0, '-', 0, 1]
  expect(more).toEqual([])
  expect(one).toEqual({ id: 'one', pages: [0, 1], prog, steps: [
    { r: 0, e: 0, v: -1, o: [none, [0, 1, '-', 0, 1]], m: [[0, 0, 2, 'rw-p']] },
    { r: 0, e: 0, v: -1, o: [none, page], m: [[0, 0, 2, 'rw-p']] },
    { r: 'skip', e: 0, v: 0, o: [], m: [] },
    { r: 0, e: 0, v: -1, o: [none, [...page.slice(0, 6), 1, ...page.slice(7)]], m: [[0, 0, 2, 'rw-p']] },
  ] })
})
