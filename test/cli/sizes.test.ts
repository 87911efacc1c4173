import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { mmrace } from './command.js'

const dir = mkdtempSync(path.join(tmpdir(), 'mmrace-'))
afterAll(() => rmSync(dir, { recursive: true }))

/** A race whose run takes an address space more than its set-up has left. */
writeFileSync(path.join(dir, 'forks.ts'), `
import { dup_mm, holds, put_page, race, reach, sys_munmap, violates } from 'mmrace'
export default race({
  name: 'forks', title: 'children of children',
  setup: (k) => { const mm = k.mm(); k.anon(mm, { pages: 2, touched: [0, 1] }); return { mm, page: k.pageAt(mm, 0) } },
  cpus: {
    parent: function* ({ mm, page }, { drops }) {
      if (yield* dup_mm((yield* dup_mm(mm))!)) yield* reach('grandchild')
      if (drops) yield* put_page(page)
    },
    first: function* ({ mm }) { yield* sys_munmap(mm, 0, 1) },
    second: function* ({ mm }) { yield* sys_munmap(mm, 1, 1) },
    both: function* ({ mm }) { yield* sys_munmap(mm, 0, 2) },
  },
  sometimes: ['grandchild'],
  variants: { fixed: { expect: holds }, bug: { with: { drops: true }, expect: violates('O9', 'all') } },
})
`)
const check = (...args: string[]) => mmrace(['check', 'forks.ts', '--no-orders', ...args], dir)

test('what a run has shown to be too small is known to workers, and to who goes on with a search', () => {
  const whole = check('--workers', '2')
  expect(whole).toMatchObject({ status: 0, stderr: expect.not.stringContaining('alone'), stdout: expect.stringMatching(/^HOLDS/) })
  expect(check('--checkpoint', 'saved', '--max-states', '9000').status).toBe(3)
  expect(check('--resume', 'saved')).toMatchObject({ status: 0, stdout: whole.stdout })
})

test('and to who takes the steps of a run again', () => {
  expect(check('--bug', '--trace', 'run.json').status).toBe(1)
  const again = mmrace(['replay', 'run.json', '--run', 'forks.ts'], dir)
  expect(again).toMatchObject({ status: 1, stdout: expect.not.stringContaining('the model has changed') })
})
