import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/engine/errors.js'
import { holds, race, violates } from '../../src/race/race.js'

const GOOD = {
  name: 'mine', title: 'a race', setup: () => ({}), sometimes: ['seen'],
  cpus: { a: function* () {} },
  variants: { fixed: { expect: holds }, bug: { revert: ['70cbc3cc78a9'], expect: violates('O6', ['arm64']) } },
}
const bug = (variant: object) => ({ variants: { ...GOOD.variants, bug: { ...GOOD.variants.bug, ...variant } } })
const without = (field: string) => ({ [field]: undefined })

/** [what is wrong, the fields that are, the message, the hint]. */
const MISTAKES: readonly [string, object, RegExp, RegExp][] = [
  ['a field of the race', { tilte: '' }, /no field "tilte"/, /did you mean "title"/],
  ['a field that is like none', { zzz: 1 }, /no field "zzz"/, /the fields are name, title/],
  ['a field of a variant', { variants: { fixed: { expect: holds }, bug: { reverts: ['70cbc3cc78a9'], expect: holds } } }, /variants\.bug: there is no field "reverts"/, /did you mean "revert"/],
  ['a variant that says nothing', { variants: { fixed: { expect: holds }, bug: {} } }, /variants\.bug\.expect is missing/, /expect/],
  ['what is expected', bug({ expect: { hold: true } }), /variants\.bug\.expect: there is no field "hold"/, /did you mean "holds"/],
  ['an expectation with two halves', bug({ expect: { holds: true, violates: 'O6', on: 'all' } }), /neither that it holds nor/, /violates\('O6'/],
  ['an expectation with half of one', bug({ expect: { violates: 'O6' } }), /neither that it holds nor/, /violates\('O6'/],
  ['an oracle', bug({ expect: violates('O99', 'all') }), /violates: there is no oracle "O99"/, /did you mean "O9"/],
  ['an oracle in small letters', { oracles: ['o6'] }, /oracles\[0\]: there is no oracle "o6"/, /did you mean "O6"/],
  ['a profile', bug({ expect: violates('O6', ['arm46']) }), /on\[0\]: there is no profile "arm46"/, /did you mean "arm64"/],
  ['all with a slip', bug({ expect: { violates: 'O6', on: 'al' } }), /variants\.bug\.expect\.on is not a list of profiles: "al"/, /square brackets/],
  ['violated nowhere', bug({ expect: violates('O6', []) }), /on is empty/, /name some profiles/],
  ['an oracle that is not checked', { oracles: ['O9'] }, /variants\.bug\.expect expects O6, which the race does not check/, /oracles: \['O6'/],
  ['no oracles', { oracles: [] }, /oracles is empty/, /leave it out/],
  ['a commit', bug({ revert: ['70cbc3cc78aa'] }), /variants\.bug\.revert\[0\]: there is no change/, /did you mean "70cbc3cc78a9"/],
  ['a commit the wrong way', bug({ apply: ['70cbc3cc78a9'] }), /every kernel has/, /--revert/],
  ['a list that is none', bug({ revert: '70cbc3cc78a9' }), /revert is not a list of commits/, /square brackets/],
  ['a size that does not exist', { geometry: { nonesuch: 3 } }, /geometry: there is no field "nonesuch"/, /the fields are/],
  ['a size with a slip', { geometry: { page: 3 } }, /geometry: there is no field "page"/, /did you mean "pages"/],
  ['a negative size', { geometry: { pages: -1 } }, /geometry\.pages is no usable size: -1/, /a whole number from 0/],
  ['half a page', { geometry: { pages: 1.5 } }, /geometry\.pages is no usable size: 1\.5/, /whole number/],
  ['a size in words', { geometry: { pages: '3' } }, /geometry\.pages is not a number: "3"/, /whole number/],
  ['no number', { geometry: { pages: Number.NaN } }, /geometry\.pages/, /whole number/],
  ['an endless size', { geometry: { mms: 1e9 } }, /geometry\.mms is no usable size/, /from 1 to/],
  ['tables that are not a power of two', { geometry: { ptrsPerPte: 3 } }, /geometry\.ptrsPerPte is no power of two: 3/, /2, 4, 8/],
  ['more of a part than of the whole', { geometry: { userfaultfds: 2, mms: 1 } }, /geometry\.userfaultfds is more than mms/, /mms: 2/],
  ['more workers than lanes', { geometry: { workers: 2 } }, /geometry\.workers is more than there are lanes/, /last lanes/],
  ['no setup', without('setup'), /setup is not a function/, /prepares the state/],
  ['a lane that is a number', { cpus: { a: 1 } }, /cpus\.a is not a function: 1/, /function\*/],
  ['no lanes', { cpus: {} }, /cpus is empty/, /function\*/],
  ['a lane whose name moves the cursor', { cpus: { 'a\x1b[2J': function* () {} } }, /cpus/, /control characters/],
  ['sometimes that is a text', { sometimes: 'a' }, /sometimes is not a list/, /square brackets/],
  ['nothing that must happen', { sometimes: [] }, /sometimes is empty/, /reach\('pinned'\)/],
  ['never of something else', bug({ never: ['sene'] }), /never: "sene" is not in sometimes/, /did you mean "seen"/],
  ['tlb as a text', { tlb: 'yes' }, /tlb is neither true nor false/, /tlb: true/],
  ['a feature', { needs: ['ZONE_DEVICES'] }, /needs\[0\]: there is no feature/, /did you mean "ZONE_DEVICE"/],
  ['no fixed', { variants: { bug: GOOD.variants.bug } }, /variants has no fixed/, /fixed: \{ expect: holds \}/],
  ['the name', { name: 'My Race' }, /name is not usable as a name/, /small letters/],
  ['no title', without('title'), /title is missing/, /quotes/],
]

const thrownBy = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('a race', () => {
  it('that is in order is taken', () => {
    expect(race(GOOD).name).toBe('mine')
  })

  it.each(MISTAKES)('is not taken with a mistake in %s', (_, fields, what, hint) => {
    const error = thrownBy(() => race({ ...GOOD, ...fields } as never))
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).message).toMatch(what)
    expect((error as UserError).hint).toMatch(hint)
  })

  it.each([[undefined], [null], ['race'], [[]], [() => 0]])('is not %s', (spec) => {
    expect(thrownBy(() => race(spec as never))).toBeInstanceOf(UserError)
  })
})
