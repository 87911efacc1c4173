import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mmrace, root } from './command.js'

let dir = ''
beforeAll(() => void (dir = mkdtempSync(path.join(tmpdir(), 'mmrace-'))))
afterAll(() => rmSync(dir, { recursive: true }))

const textOf = (name: string): string => readFileSync(path.join(dir, name), 'utf8')

/** A race file with this in its lane and in its set-up. */
const file = (inLane: string, inSetup = '', ending = 'ts'): string => {
  writeFileSync(path.join(dir, `race.${ending}`), `import * as model from 'mmrace'
import { change, has, holds, mmap_read_lock, race, reach, sys_move_pages, sys_munmap, task_numa_work, zap_pte_range } from 'mmrace'
const one = (m) => m.get(0)
const own = change({ id: 'own-zap', title: 'does nothing', replace: [[zap_pte_range, function* (mm, tlb, vma, pmdp, pmd, address, end) {
  yield* mmap_read_lock(vma)
  return end
}]] })
export default race({
  name: 'race', title: 'arguments',
  setup: (k) => {
    const mm = k.mm()
    const vma = k.anon(mm, { pages: 2 })
    ${inSetup}
    return { mm, vma }
  },
  cpus: {
    lane: function* ({ mm, vma }) {
      yield* reach('here')
      ${inLane}
    },
  },
  sometimes: ['here'],
  variants: { fixed: { expect: holds }, own: { apply: [own], expect: holds } },
})
`)
  return `race.${ending}`
}

describe('what functions of the kernel are given by a race file', () => {
  it('must fit', () => {
    const wrong: readonly (readonly [call: string, said: string])[] = [
      ['sys_munmap(mm, 0)', 'sys_munmap(): len is missing: a whole number | sys_munmap(mm: an Mm, start: a whole number, len: a whole number)'],
      ['sys_munmap(mm, 0, 1)', 'fits'],
      ['mmap_read_lock()', 'mmap_read_lock(): mm is missing: an Mm |'],
      ['task_numa_work(mm, vma)', 'takes 1 argument, and gets 2'],
      ['sys_move_pages(mm, [0], 1)', 'start is a list of 1, not a whole number'],
      ["sys_munmap(mm, '0', 1)", 'start is "0", not a whole number'],
      ...['NaN', '0.5', 'Infinity', '4294967296', 'null', 'undefined'].map((odd) => [`sys_munmap(mm, 0, ${odd})`, `len is ${odd}, not a whole number`] as const),
      ['task_numa_work(vma)', 'mm is a Vma, not an Mm'],
      ['task_numa_work(one)', 'mm is a function one(), not an Mm'],
      ['model.dma_write(undefined, 1)', 'page is undefined, not a Page'],
      ["model.sys_mmap(mm, 0, 1, 3, 'shared')", 'shared is "shared", not true or false'],
      ['k.write(vma, 0, 1)', 'write(): mm is a Vma, not an Mm | k.write('],
      ['k.anon(mm, { pages: 2, touchd: [0] })', 'options has no field touchd | did you mean "touched"?'],
      ["k.anon(mm, { pages: 2, touched: [0, 'a'] })", 'options.touched[1] is "a", not a whole number'],
      ['k.anon(mm, {})', 'options.pages is undefined, not a whole number'],
      ["k.mm('lane', 1)", 'lanes[1] is 1, not a text'],
      ["k.notifier('n', { invalidate_rnge_start: one })", 'ops has no field invalidate_rnge_start | did you mean "invalidate_range_start"?'],
      ['k.call(sys_munmap)', 'code is a function sys_munmap(), not a step or a call'],
    ]
    const name = file('', `for (const call of [${wrong.map(([call]) => `() => ${call}`).join()}]) {
      try { const made = call(); console.log('fits') } catch (error) { console.log(error.message, '|', error.hint) }
    }`)
    const { stdout } = mmrace(['check', name], dir)
    const lines = stdout.split('\n')
    wrong.forEach(([call, said], i) => expect(lines[i], call).toContain(said))
  })

  it.each([
    ['in a lane', 'yield* sys_munmap(mm, 0)', '', /race\.ts:19:14: sys_munmap\(\): len is missing: a whole number\n {2}hint: sys_munmap\(mm: an Mm/],
    ['under other names, and of a step', 'const f = model.sys_munmap; yield* f(mm, 0, model.load(mm.mm_users))', '', /race\.ts:19:42: f\(\): len is a step that is not taken, not a whole number/],
    ['in set-up', '', 'k.call(sys_munmap(mm, 0))', /race\.ts:13:12: sys_munmap\(\): len is missing/],
    ['by set-up itself', '', 'k.write(vma, 0, 1)', /race\.ts:13:5: write\(\): mm is a Vma, not an Mm/],
  ])('%s', (_, inLane, inSetup, message) => {
    const { status, stderr } = mmrace(['check', file(inLane, inSetup)], dir)
    expect(stderr).toMatch(message)
    expect(status).toBe(2)
  })

  it('in a change, and in JavaScript without generators', () => {
    expect(mmrace(['check', file('yield* sys_munmap(mm, 0, 2)'), '--variant', 'own'], dir)).toMatchObject({ status: 2, stderr: expect.stringMatching(/mmap_read_lock\(\): mm is a Vma/) })
    writeFileSync(path.join(dir, 'plain.js'), `import { holds, race, sys_munmap } from 'mmrace'
export default race({ name: 'plain', title: 't', setup: (k) => ({ mm: k.mm() }), cpus: { a: ({ mm }) => sys_munmap(mm) }, sometimes: ['x'], variants: { fixed: { expect: holds } } })\n`)
    expect(mmrace(['check', 'plain.js'], dir)).toMatchObject({ status: 2, stderr: expect.stringContaining('sys_munmap(): start is missing') })
  })

  it('is as it is when it fits, and steps among it are taken', () => {
    const lane = 'const n = [0, yield* sys_munmap(mm, yield* model.load(mm.mmap), has("70cbc3cc78a9") ? 1 : 2)]\n n[0] += yield* sys_munmap(...[mm, 0], 1)'
    expect(mmrace(['check', file(lane)], dir)).toMatchObject({ status: 0, stderr: '' })
  })
})

describe('what a race file imports', () => {
  it('is there, used or not', () => {
    const name = file('')
    writeFileSync(path.join(dir, name), `import { sys_munmapp } from 'mmrace'\n${textOf(name)}`)
    expect(mmrace(['check', name], dir)).toMatchObject({ status: 2, stderr: expect.stringMatching(/race\.ts:1:10: mmrace has no sys_munmapp\n {2}hint: did you mean "sys_munmap"/) })
  })

  it('may be types', () => {
    const name = file('')
    writeFileSync(path.join(dir, name), `import { type Mm, Vma, Steps } from 'mmrace'\nexport type Both = Mm | Vma | Steps\n${textOf(name)}`)
    expect(mmrace(['check', name], dir).status).toBe(0)
  })
})

describe('--types', () => {
  it('says that there is no TypeScript where there is none', () => {
    expect(mmrace(['check', file(''), '--types'], dir)).toMatchObject({ status: 2, stderr: expect.stringMatching(/TypeScript is not installed where race\.ts is\n {2}hint: npm install --save-dev typescript/) })
    expect(mmrace(['check', 'gup-fast-vs-thp-collapse', '--types'], dir)).toMatchObject({ status: 2, stderr: expect.stringContaining('--types is for a file') })
  })

  it('says what is wrong first, and goes on when nothing is', () => {
    symlinkSync(path.join(root, 'node_modules'), path.join(dir, 'node_modules'))
    expect(mmrace(['init', 'typed.ts'], dir)).toMatchObject({ status: 0, stdout: expect.stringContaining('check typed.ts --types') })
    expect(mmrace(['check', 'typed.ts', '--types'], dir)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^HOLDS/) })
    writeFileSync(path.join(dir, 'typed.ts'), textOf('typed.ts').replace('mmap_read_lock(mm)', 'mmap_read_lock(mm, 1)').replace('dma_write(page, 1)', "dma_write(page, 'x')"))
    expect(mmrace(['check', 'typed.ts', '--types'], dir)).toMatchObject({
      status: 2, stdout: '', stderr: expect.stringMatching(/^mmrace: typed\.ts:\d+:\d+: Expected 1 arguments, but got 2\. \(and 1 more\)\n {2}hint: without --types/),
    })
  })
})
