import { describe, expect, it } from 'vitest'
import race from '../../races/gup-fast-vs-thp-collapse.js'
import { checkMatrix, checkRace } from '../../src/library/index.js'

describe('checkRace', () => {
  it('gives a verdict, whether it is as the race says, and what the command prints', async () => {
    const verdict = await checkRace(race, { variant: 'bug', kernel: '6.1', arch: 's390' })
    expect(verdict).toMatchObject({ race: race.name, variant: 'bug', arch: 's390', kernel: '6.1', verdict: 'violated', oracles: ['O5', 'O6'], asExpected: true, vacuous: false })
    expect(verdict.headline).toMatch(/^VIOLATED {2}lost write/)
    expect(verdict.trace!.violation!.oracle).toBe('O6')
    expect(verdict.report()).toMatch(/LOST WRITE/)
    expect(verdict.report({ width: 60 }).split('\n').every((line) => line.length <= 60)).toBe(true)
  })

  it('takes commits that the race says nothing of', async () => {
    expect(await checkRace(race, { revert: ['2ba99c5e0881'] })).toMatchObject({ variant: 'recheck-only', verdict: 'holds', asExpected: true })
    expect(await checkRace(race, { revert: ['f729c8c9b24f'] })).toMatchObject({ variant: undefined, asExpected: undefined, verdict: 'holds' })
  })

  it('says what an architecture does not have', async () => {
    expect(await checkRace(race, { arch: 'generic-no-fast-gup' })).toMatchObject({ verdict: 'absent', missing: ['HAVE_FAST_GUP'], asExpected: true })
  })

  it('tells of progress, and ends when it is aborted', async () => {
    const stop = new AbortController()
    const shares: number[] = []
    const onProgress = ({ states }: { states: number }): void => {
      shares.push(states)
      stop.abort(new Error('enough'))
    }
    await expect(checkRace(race, { reduce: false, variant: 'bug', onProgress, signal: stop.signal })).rejects.toThrow('enough')
    expect(shares.length).toBe(1)
    await expect(checkRace(race, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  })

  it.each([
    [{ arch: 'vax' }, 'there is no profile "vax"'],
    [{ kernel: '5.4' }, 'there is no kernel "5.4"'],
    [{ variant: 'none' }, 'declares no variant "none"'],
    [{ revert: ['abc'] }, 'there is no change "abc"'],
    [{ fast: true }, 'fast'],
    [{ strategy: 'exhaustive', seed: 3 }, 'seed means nothing'],
  ] as const)('refuses %j', async (options, message) => {
    await expect(checkRace(race, options as object)).rejects.toThrow(message)
  })

  it('refuses what is no race', async () => {
    await expect(checkRace({ ...race })).rejects.toThrow('not a race')
  })
})

describe('checkMatrix', () => {
  it('gives the verdicts in order, as they come', async () => {
    const seen: string[] = []
    const matrix = await checkMatrix([race], {
      archs: ['arm64', 'generic-no-fast-gup'], variants: ['fixed', 'bug'],
      onCell: ({ variant, arch, verdict }, done, of) => void seen.push(`${done}/${of} ${variant} ${arch} ${verdict}`),
    })
    expect(seen).toEqual(['1/4 fixed arm64 holds', '2/4 fixed generic-no-fast-gup absent', '3/4 bug arm64 violated', '4/4 bug generic-no-fast-gup absent'])
    expect(matrix.asExpected).toBe(true)
    expect(matrix.report()).toMatch(/arm64 +holds +O5 O6[^]*4 of 4 as history says/)
  })

  it('refuses what there is not, and ends when it is aborted', async () => {
    await expect(checkMatrix([race], { archs: ['vax'] })).rejects.toThrow('no profile "vax"')
    await expect(checkMatrix([race], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })
})
