import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { litmus, type LitmusOptions, litmusOfAnyDialect } from '../../src/cli/commands/litmus.js'

const suite = path.join(import.meta.dirname, 'suite')
const races = path.resolve(import.meta.dirname, '../../races/litmus')
const file = (name: string): string => path.join(suite, `${name}.litmus`)

function run(paths: string[], options: LitmusOptions = {}): { code: number; out: string } {
  const lines: string[] = []
  const code = litmus(paths, options, (line) => lines.push(line))
  return { code, out: lines.join('\n') }
}

test('a test whose outcome can happen: herd output, verdict, the execution drawn, the barriers', () => {
  const { code, out } = run([file('sb')])
  expect(code).toBe(1)
  expect(out).toBe(`Test sb Allowed
States 4
0:r0=0; 1:r0=0;
0:r0=0; 1:r0=1;
0:r0=1; 1:r0=0;
0:r0=1; 1:r0=1;
Ok
Witnesses
Positive: 1 Negative: 3
Condition exists (0:r0=0 /\\ 1:r0=0)
Observation sb Sometimes 1 3

VIOLATED  sometimes under the Linux-kernel memory model

  CPU A  P0()                   CPU B  P1()
  -----------                   -----------
  A1 WRITE_ONCE(*x, 1)
  A2 r0 = READ_ONCE(*y)  // 0
                                B1 WRITE_ONCE(*y, 1)
                                B2 r0 = READ_ONCE(*x)  // 0

  fr  B2 -> A1  B2 reads x from before A1
  fr  A2 -> B1  A2 reads y from before B1

  cycle: A1 -po-> A2 -fr-> B1 -po-> B2 -fr-> A1

Forbidden by any one of:
  smp_mb() in P0 at line 8 and in P1 at line 16`)
})

test('a test whose outcome cannot happen: each barrier, needed or not', () => {
  const { code, out } = run([file('mp-wmb-rmb')])
  expect(code).toBe(0)
  expect(out).toContain('HOLDS (exhaustive: 3 final states)  never under the Linux-kernel memory model')
  expect(out).toContain('  needed      P0 line 7  smp_wmb()')
  expect(out).toContain('  needed      P1 line 17  smp_rmb()')
})

test('an interleaving search says under what its never is true', () => {
  const { code, out } = run([file('mp')], { model: 'sc' })
  expect(code).toBe(0)
  expect(out).toMatch(/HOLDS \(exhaustive: \d+ states\) {2}never under sequential consistency; weaker machines may do more/)
  expect(out).not.toContain('Witnesses')
})

test('a directory has a line per test and a summary', () => {
  const { code, out } = run([races])
  expect(code).toBe(1)
  expect(out.split('\n').filter((line) => line.startsWith('Never'))).toHaveLength(7)
  expect(out).toMatch(/9 tests: 7 Never, 2 Sometimes; median [\d.]+ ms$/)
})

test('herd prints nothing but herd output', () => {
  const { out } = run([file('sb-mb'), file('mixed')], { format: 'herd' })
  expect(out).toContain('Observation sb-mb Never 0 3\n\nTest mixed Allowed')
  expect(out).toContain('Flag data-race\nFlag mixed-accesses\nCondition exists (1:r0=1)')
  expect(out).not.toContain('HOLDS')
})

test('JSON has one object per line', () => {
  const objects = run([file('sb'), file('mp-plain-race')], { format: 'json' }).out.split('\n').map((line) => JSON.parse(line))
  expect(objects).toMatchObject([
    { test: 'sb', verdict: 'VIOLATED', witnesses: { positive: 1, negative: 3 }, dataRace: false },
    { test: 'mp-plain-race', verdict: 'VIOLATED', observation: 'Sometimes', dataRace: true },
  ])
})

test('expected results are compared, and what differs is named', () => {
  const csv = path.join(mkdtempSync(path.join(tmpdir(), 'litmus-')), 'expected.csv')
  writeFileSync(csv, 'path,condition,expected,nstates,data_race,expected_sc\n' +
    'suite/sb.litmus,"exists (0:r0=0, or so)",Sometimes,4,0,Never\nsuite/mp.litmus,,Never,4,,Never\n')
  const { code, out } = run([file('sb'), file('mp'), file('lb')], { compare: csv })
  expect(code).toBe(1)
  expect(out).toContain(`${file('mp')}: verdicts: Sometimes, expected Never`)
  expect(out).toContain('verdicts 1 of 2 (50.00 %)\nfinal states 2 of 2 (100.00 %)\ndata races 1 of 1 (100.00 %)')
  expect(run([file('sb'), file('mp')], { compare: csv, model: 'sc' })).toMatchObject({ code: 0 })
})

test('what cannot be done is refused with a hint', () => {
  expect(() => run(['no-such-file'])).toThrow('there is no no-such-file')
  expect(() => run([suite], { model: 'armv8' })).toThrow('no model armv8')
  expect(() => run([suite], { format: 'xml' })).toThrow('no format xml')
})

test('a test beyond the limits gets a message', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'litmus-'))
  const reads = Array.from({ length: 40 }, (_, i) => `r${i} = READ_ONCE(*x);`).join('\n')
  writeFileSync(path.join(directory, 'long.litmus'), `C long\n{}\nP0(int *x)\n{\n${reads}\n}\nexists (0:r0=1)\n`)
  const { code, out } = run([directory])
  expect(code).toBe(3)
  expect(out).toContain('P0 has more than 31 accesses; this checker takes no more')
})

test('AArch64 files go to the machine with the TLB', () => {
  const lines: string[] = []
  const paths = [file('sb-mb'), path.join(import.meta.dirname, 'vmsa', 'bbm.litmus')]
  expect(litmusOfAnyDialect(paths, {}, (line) => lines.push(line))).toBe(0)
  expect(lines[0]).toMatch(/^forbid .*bbm\.litmus {2}Never/)
  expect(lines).toContain('Observation sb-mb Never 0 3')
})

test('a run of a machine is drawn with its store buffers', () => {
  expect(run([file('sb')], { model: 'tso' }).out).toContain(`VIOLATED  sometimes under TSO

  CPU A  P0()                CPU B  P1()
  -----------                -----------
  WRITE_ONCE(*x, 1)
  r0 = READ_ONCE(*y)  // 0
                             WRITE_ONCE(*y, 1)
                             r0 = READ_ONCE(*x)  // 0
  <store buffer>  // x = 1
                             <store buffer>  // y = 1

Forbidden by any one of:
  smp_mb() in P0 at line 8 and in P1 at line 16`)
  expect(run([file('trylock')], { model: 'sc' }).out).toContain(`
                               spin_lock(l)  // 0 -> 1
  r0 = spin_trylock(l)  // 1
`)
})

test('a test without executions holds nowhere', () => {
  for (const model of ['lkmm', 'sc', 'tso']) {
    const { code, out } = run([file('lock-twice')], { model })
    expect(code, model).toBe(5)
    expect(out).toContain('VACUOUS  no execution comes to its end')
  }
  expect(run([file('lock-twice'), file('sb-mb')]).code).toBe(5)
})

test('what a file gets wrong is told with a hint', () => {
  const name = path.join(mkdtempSync(path.join(tmpdir(), 'litmus-')), 'undeclared.litmus')
  writeFileSync(name, 'C undeclared\n{}\nP0(int *x)\n{\n\tWRITE_ONCE(*y, 1);\n}\nexists (x=1)\n')
  expect(run([name])).toEqual({ code: 2, out: `${name}: line 5: P0 does not declare "y"\n  hint: did you mean "x"?` })
})
