import { check } from '../../src/engine/search/explore.js'
import type { Steps } from '../../src/engine/model/step.js'
import { boot, type Conditions } from '../../src/race/boot.js'
import { holds, race, type Scene } from '../../src/race/race.js'
import type { Setup } from '../../src/race/setup.js'

/** A state, and what CPUs do over it. */
export interface SmallScene<Env> extends Partial<Omit<Scene<Env>, 'setup' | 'cpus' | 'sometimes'>> {
  readonly setup: (k: Setup) => Env
  readonly cpus: Readonly<Record<string, (env: Env) => Steps<unknown>>>
}

/** What an exhaustive search says of it: nothing, or every violation there is, as `O1: message`. */
export function violations<Env>(scene: SmallScene<Env>, conditions: Partial<Conditions> = {}): readonly string[] {
  const one = race<Env>({ name: 'scene', title: 'scene', sometimes: ['-'], variants: { fixed: { expect: holds } }, ...scene })
  const result = check(boot(one, { arch: 'arm64', ...conditions }), { all: true })
  if (result.verdict === 'violated') {
    return [...new Set(result.found.map(({ violation }) => `${violation.oracle}: ${violation.message}`))].toSorted()
  }
  return result.verdict === 'holds' ? [] : [result.verdict]
}
