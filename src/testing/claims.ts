import { loadRace } from '../cli/races.js'
import { type CheckOptions, checkRace, type Verdict } from '../library/check-race.js'
import type { Race } from '../race/race.js'

/** Whether something that a test says of a race is so, and what to say when it is, or is not. */
export interface Claim {
  readonly is: boolean
  readonly message: string
}

/** A race, or its name, or its file. */
export type RaceLike = Race | string

const loaded = async (race: RaceLike): Promise<Race> => (typeof race === 'string' ? loadRace(race) : race)

const told = (verdict: Verdict, expected: string): Claim['message'] =>
  `${verdict.race} is expected ${expected} on ${verdict.arch}, Linux ${verdict.kernel}\n\n${verdict.report()}`

/** Nothing is violated in any interleaving, and what the race is about happens in some. Default: the variant `fixed`. */
export async function claimHolds(like: RaceLike, options: CheckOptions = {}): Promise<Claim> {
  const verdict = await checkRace(await loaded(like), options)
  const is = verdict.verdict === 'holds' && !verdict.vacuous
  return { is, message: told(verdict, is ? 'not to hold' : 'to hold') }
}

/** The oracle is violated in some interleaving. Default: the variant `bug`, where the race declares one. */
export async function claimViolates(like: RaceLike, oracle: string, options: CheckOptions = {}): Promise<Claim> {
  const race = await loaded(like)
  const verdict = await checkRace(race, { ...(Object.hasOwn(race.variants, 'bug') && { variant: 'bug' }), ...options })
  const is = verdict.oracles.includes(oracle)
  return { is, message: told(verdict, `${is ? 'not ' : ''}to violate ${oracle}`) }
}
