import { describe, expect, it } from 'vitest'
import { mmrace } from './command.js'

const RACE = 'gup-fast-vs-thp-collapse'

/** [what, arguments, status, what standard output or standard error says]. */
const CASES = [
  ['holds', ['check', RACE], 0, /^HOLDS {2}in every interleaving/],
  ['violated', ['check', RACE, '--bug', '--no-orders'], 1, /^VIOLATED {2}lost write/],
  ['stopped early', ['check', RACE, '--max-states', '100'], 3, /^NOT FOUND {2}bounded: stopped at 100 states - not a proof/],
  ['stopped early and content', ['check', RACE, '--max-states', '100', '--allow-incomplete'], 0, /^NOT FOUND/],
  ['sampled', ['check', RACE, '--strategy', 'random', '--runs', '10'], 3, /^NOT FOUND {2}sampled: 10 runs/],
  ['violated by a sample', ['check', RACE, '--bug', '--strategy', 'pct', '--seed', '3', '--no-orders'], 1, /^VIOLATED/],
  ['seconds for orders that are left out', ['check', 'gup-fast-vs-thp-collapse', '--no-orders', '--orders-seconds', '5'], 2, /--orders-seconds with --no-orders\n {2}hint: /],
  ['unknown race', ['check', 'gup-fast'], 2, /no race "gup-fast"\n {2}hint: did you mean/],
  ['unknown profile', ['check', RACE, '--arch', 'vax'], 2, /no profile "vax"\n {2}hint: the profiles are x86-native/],
  ['unknown change', ['check', RACE, '--revert', 'abc'], 2, /no change "abc"\n {2}hint: mmrace list changes/],
  ['change that is there already', ['check', RACE, '--apply', '70cbc3cc78a9'], 2, /every kernel has 70cbc3cc78a9\n {2}hint: it goes with --revert/],
  ['change that is not there', ['check', RACE, '--revert', '5df397dec7c4'], 2, /Linux 6.1 does not have 5df397dec7c4/],
  ['proposal', ['check', RACE, '--revert', 'mutant-no-pte-recheck'], 2, /a mutation: no kernel has it\n {2}hint: it goes with --apply/],
  ['unknown kernel', ['check', RACE, '--kernel', '5.4'], 2, /no kernel "5.4"\n {2}hint: the kernels are 6.1, 6.12, 7.2, 7.3/],
  ['unknown option', ['check', RACE, '--fast'], 2, /unknown option '--fast'/],
  ['unknown command', ['prove', RACE], 2, /unknown command 'prove'/],
  ['option of another strategy', ['check', RACE, '--seed', '1'], 2, /seed means nothing to strategy exhaustive\n {2}hint/],
  ['two workers', ['check', RACE, '--workers', '2'], 0, /^HOLDS/],
  ['exact states', ['check', RACE, '--exact'], 0, /^HOLDS/],
  ['one reduction left out', ['check', RACE, '--no-sleep'], 0, /^HOLDS/],
  ['workers for a sample', ['check', RACE, '--workers', '2', '--strategy', 'random'], 2, /workers mean nothing to strategy random/],
  ['absurd number', ['check', RACE, '--max-states', '-3'], 2, /--max-states -3 is not a usable number\n {2}hint/],
  ['absurd memory', ['check', RACE, '--max-memory', '900G'], 2, /more than the core can address\n {2}hint/],
  ['absurd width', ['check', RACE, '--width', '3'], 2, /a width of 3 columns\n {2}hint: give 40 to 500/],
  ['missing trace', ['replay', 'nowhere.json'], 2, /no file nowhere.json\n {2}hint/],
  ['nothing to explain', ['explain', 'O99'], 2, /nothing is called "O99"\n {2}hint/],
  ['help', ['--help'], 0, /Usage: mmrace/],
] as const

describe('exit status and message', () => {
  it.each(CASES)('%s', (_, args, status, text) => {
    const run = mmrace(args)
    expect(run.status === 0 || run.status === 1 || run.status === 3 ? run.stdout : run.stderr).toMatch(text)
    expect(run.status).toBe(status)
  })
})
