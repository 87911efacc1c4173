import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { coloured } from '../../src/cli/coloured.js'
import { mmrace } from './command.js'

const TABLE = `VIOLATED  lost write: gone
  race  arm64
  searched: 5 states

  CPU A  one               CPU B  two
  ----------               ----------
  fn()
    read                   write(page)
                             // page6.content: 0 -> 1
             *** LOST WRITE: address 0 holds 0, the last
                 value written was 1 ***

  Happens exactly when:
    A  read  before  B  write(page)`

const MATRIX = `               fixed   bug
  x86-native   holds   O5 O6 !
  s390         absent  holds`

describe('colours', () => {
  it.each([['a table', TABLE], ['a matrix', MATRIX], ['nothing to colour', 'wrote my-race.ts\n  hint: x']])('of %s leave the text as it is', (_, text) => {
    expect(stripVTControlCharacters(coloured(text))).toBe(text)
  })

  it('tell lanes, verdicts and changed values apart', () => {
    const [first, , , , , , fn, step, comment, banner] = coloured(TABLE).split('\n')
    expect(first).toBe('\u001b[31m\u001b[1mVIOLATED\u001b[22m\u001b[39m  lost write: gone')
    expect(fn).toContain('\u001b[36m')
    expect(step).toContain('\u001b[36m')
    expect(step).toContain('\u001b[33mwrite(page)')
    expect(comment).toContain('\u001b[1m1\u001b[22m')
    expect(banner).toContain('\u001b[31m')
    expect(coloured(MATRIX)).toContain('\u001b[32mholds')
    expect(coloured(MATRIX)).toContain('\u001b[33m\u001b[1mO5 O6 !')
    expect(coloured('nothing')).toBe('nothing')
  })

  it('are of terminals only, unless they are forced', () => {
    expect(mmrace(['list', 'kernels']).stdout).not.toContain('\u001b')
  })
})

describe('lists', () => {
  const names = (args: readonly string[]): string[] => (JSON.parse(mmrace(['list', ...args, '--format', 'json']).stdout) as { name: string }[]).map(({ name }) => name)

  it('take filters', () => {
    const all = names(['races'])
    const some = names(['races', '--seed', 'S4', '--oracle', 'O11', '--kernel', '6.1'])
    expect(some).toContain('xe-userptr-vs-munmap')
    expect(some).not.toContain('gup-fast-vs-thp-collapse')
    expect(all).toEqual(expect.arrayContaining(some))
    expect(names(['changes', '--kernel', '7.3']).length).toBeLessThan(names(['changes']).length)
  })

  it.each([
    [['oracles', '--seed', 'S1'], /--seed means nothing to oracles\n {2}hint/],
    [['races', '--oracle', 'O99'], /no oracle "O99"\n {2}hint/],
    [['races', '--seed', 'S9'], /no seed "S9"\n {2}hint: the seeds are S0, /],
    [['race'], /nothing to list called "race"\n {2}hint: did you mean "races"/],
  ])('refuse %j', (args, text) => {
    const { status, stderr } = mmrace(['list', ...args])
    expect(stderr).toMatch(text)
    expect(status).toBe(2)
  })
})

describe('the command line', () => {
  it('says what is wrong with it in two lines', () => {
    const { stderr, status } = mmrace(['check', '--fats'])
    expect(stderr).toMatch(/^mmrace: unknown option '--fats'\n {2}hint: .*mmrace check --help shows what there is\n$/)
    expect(status).toBe(2)
  })

  it('has groups and examples in its help', () => {
    expect(mmrace(['--help']).stdout).toMatch(/\nAsk:\n[^]*\nExamples:\n/)
    expect(mmrace(['check', '--help']).stdout).toMatch(/\nHow to search:\n[^]*\nExamples:\n {2}\$ mmrace check/)
  })

  it.each([
    [['check', 'gup-fast-vs-thp'], 'gup-fast-vs-thp-collapse'], [['check', 'x', '--revert', '70cbc'], '70cbc3cc78a9'], [['matrix', 'x', '--arch', ''], 's390'], [['mat'], 'matrix'],
  ])('completes %j', (words, wanted) => {
    expect(mmrace(['complete', '--', ...words]).stdout.split('\n').map((line) => line.split('\t')[0])).toContain(wanted)
  })

  it('explains what it prints', () => {
    const { stdout } = mmrace(['check', 'gup-fast-vs-thp-collapse', '--bug', '--no-orders', '--legend'])
    expect(stdout).toMatch(/ {2}Legend:\n {4}page6 W D .*\n[^]* {4}O6 {2}\S/)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('  more: --steps all (every step), --html F (a page), --trace F (to replay)')
  })

  it('explains for programs too', () => {
    const told = (name: string): unknown => JSON.parse(mmrace(['explain', name, '--format', 'json']).stdout)
    expect(told('O6')).toMatchObject({ kind: 'oracle', id: 'O6' })
    expect(told('7.3')).toMatchObject({ kind: 'kernel', name: '7.3' })
    expect(told('dirty-cow')).toMatchObject({ kind: 'race', name: 'dirty-cow' })
  })
})
