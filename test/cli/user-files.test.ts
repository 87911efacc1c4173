import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mmrace } from './command.js'

let dir = ''
let template = ''

beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mmrace-'))
  expect(mmrace(['init', 'my-race.ts'], dir).status).toBe(0)
  template = readFileSync(path.join(dir, 'my-race.ts'), 'utf8')
})
afterAll(() => rmSync(dir, { recursive: true }))

/** Checks the race that `init` wrote, with one thing changed, in its bug form. */
function changed(from: string, to: string) {
  expect(template).toContain(from)
  writeFileSync(path.join(dir, 'changed.ts'), template.replace(from, to))
  return mmrace(['check', 'changed.ts', '--bug', '--no-orders'], dir)
}

describe('a race of the user’s own', () => {
  it('runs from any folder, without a build', () => {
    expect(mmrace(['check', 'my-race.ts'], dir)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^HOLDS/) })
    expect(mmrace(['check', 'my-race.ts', '--bug'], dir)).toMatchObject({ status: 1, stdout: expect.stringContaining('Happens exactly when') })
  })

  it('is not overwritten', () => {
    expect(mmrace(['init', 'my-race.ts'], dir)).toMatchObject({ status: 2, stderr: expect.stringContaining('exists already') })
  })

  it('saves a run and replays it', () => {
    expect(mmrace(['check', 'my-race.ts', '--bug', '--no-orders', '--trace', 'run.json'], dir).status).toBe(1)
    const replay = (file: string) => mmrace(['replay', file, '--run', 'my-race.ts'], dir)
    expect(replay('run.json')).toMatchObject({ status: 1, stdout: expect.stringContaining('LOST WRITE') })
    const file = readFileSync(path.join(dir, 'run.json'), 'utf8')
    writeFileSync(path.join(dir, 'other.json'), file.replace('local_irq_save(flags)', 'local_irq_sing(flags)'))
    expect(replay('other.json')).toMatchObject({ status: 4, stderr: expect.stringMatching(/no longer fits at step \d+/) })
    writeFileSync(path.join(dir, 'broken.json'), file.slice(0, 100))
    expect(replay('broken.json')).toMatchObject({ status: 2, stderr: expect.stringContaining('not a usable trace file') })
  })

  it('is run by a trace of it only where it is named', () => {
    writeFileSync(path.join(dir, 'loud.ts'), `${template}\nconsole.log('loud.ts runs')\n`)
    expect(mmrace(['check', 'loud.ts', '--bug', '--no-orders', '--trace', 'loud.json'], dir)).toMatchObject({ status: 1, stdout: expect.stringContaining('loud.ts runs') })
    expect(mmrace(['replay', 'loud.json'], dir)).toMatchObject({
      status: 2, stdout: '', stderr: expect.stringMatching(/loud\.json is a run of loud\.ts, which is a program\n {2}hint: .* --run loud\.ts\n$/),
    })
  })

  it('makes as much as it needs', () => {
    expect(changed('const mm = k.mm()', 'const mm = (k.mm(), k.mm(), k.mm(), k.mm())')).toMatchObject({ status: 1, stdout: expect.stringContaining('LOST WRITE') })
  })

  it('that never does what it is about is vacuous', () => {
    writeFileSync(path.join(dir, 'vacuous.ts'), template.replace("yield* reach('pinned')", ''))
    const run = mmrace(['check', 'vacuous.ts'], dir)
    expect(run.stdout).toMatch(/^VACUOUS {2}nothing is violated, and no run comes to pinned/)
    expect(run.status).toBe(5)
    writeFileSync(path.join(dir, 'declared.ts'), template.replace("yield* reach('pinned')", '').replace('fixed: {', "fixed: { never: ['pinned'],"))
    expect(mmrace(['check', 'declared.ts'], dir)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^HOLDS/) })
  })

  it('runs in the form that is asked for, and says in which', () => {
    const fixed = "fixed: { revert: ['70cbc3cc78a9', '2ba99c5e0881'], expect: violates('O6', 'all') }, plain: { expect: holds }"
    writeFileSync(path.join(dir, 'forms.ts'), template.replace('fixed: { expect: holds }', fixed))
    const form = (...options: string[]) => mmrace(['check', 'forms.ts', '--no-orders', ...options], dir)
    expect(form()).toMatchObject({ status: 1, stdout: expect.stringContaining('my-race  arm64  fixed: without 70cbc3cc78a9, 2ba99c5e0881') })
    expect(form('--variant', 'plain')).toMatchObject({ status: 0, stdout: expect.stringContaining('my-race  arm64  plain') })
    expect(form('--bug')).toMatchObject({ status: 1, stdout: expect.stringContaining('VIOLATED') })
    expect(form('--variant', 'plian')).toMatchObject({ status: 2, stderr: expect.stringMatching(/no variant "plian"\n {2}hint: did you mean "plain"/) })
    expect(form('--variant', 'plain', '--bug')).toMatchObject({ status: 2, stderr: expect.stringContaining('--bug is --variant bug') })
  })

  it.each([
    ['throws', 'if (!page) return', "if (!page) throw new Error('oops')", 4, /driver\(\) threw: oops/],
    ['throws in setup', 'setup: (k) => {', "setup: (k) => {\n    throw new Error('oops')", 4, /setup\(\) threw: oops/],
    ['needs more than it says', 'setup: (k) => {', 'geometry: { mms: 1 },\n  setup: (k) => {\n    k.mm()', 2, /needs more mms/],
    ['asks for what a run cannot repeat', 'dma_write(page, 1)', 'dma_write(page, Math.random())', 2, /changed\.ts:28:30: model code asks Math\.random\(\)/],
    ['is not deterministic', 'dma_write(page, 1)', 'dma_write(page, (({ random }) => Math.floor(random() * 1e9))(Math))', 4, /driver\(\) is not deterministic/],
    ['loops for ever in setup', 'setup: (k) => {', 'setup: (k) => {\n    for (;;);', 4, /running for 10 s without a step/],
    ['names an unknown change', "'70cbc3cc78a9'", "'70cbc3cc78aa'", 2, /no change "70cbc3cc78aa"/],
    ['has no sometimes', "sometimes: ['collapsed', 'pinned']", 'sometimes: []', 2, /sometimes is empty/],
    ['has an unknown field', 'title:', "tilte: '',\n  title:", 2, /no field "tilte"/],
    ['makes a step and does not take it', "yield* reach('pinned')", "reach('pinned')", 2, /changed\.ts:27:7: reach\(\) is made, and not taken/],
    ['takes apart a call that was not made', '= yield* pin_', '= pin_', 2, /changed\.ts:25:22: pin_user_pages_fast_only\(\) is made, and not taken/],
    ['reaches what is not in sometimes', "reach('pinned')", "reach('pined')", 2, /reach\("pined"\) is not in sometimes\n {2}hint: did you mean "pinned"/],
    ['imports what there is not', 'reach, unpin_user_page', 'reach, unpin_user_pages as unpin_user_page', 2, /mmrace has no unpin_user_pages\n {2}hint: did you mean "unpin_user_page"/],
    ['catches what is refused', 'yield* dma_write(page, 1)', 'try { yield* dma_write(page) } catch {}', 2, /changed\.ts:28:20: dma_write\(\): value is missing/],
    ['has a lane without steps', 'driver: function* ({ mm })', 'idle: () => {},\n    driver: function* ({ mm })', 2, /cpus\.idle gives undefined/],
    ['has an async setup', 'setup: (k) =>', 'setup: async (k) =>', 2, /setup is a generator or an async function/],
    ['does not parse', 'setup:', 'set up:', 2, /changed\.ts:\d+:\d+/],
  ])('that %s gets one message', (_, from, to, status, text) => {
    const run = changed(from, to)
    expect(run.stderr).toMatch(text)
    expect(run.stderr).toMatch(/\n {2}hint: /)
    expect(run.status).toBe(status)
  })
})
