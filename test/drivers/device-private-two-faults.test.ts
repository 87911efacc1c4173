import { expect, it } from 'vitest'
import { check } from '../../src/engine/search/explore.js'
import { boot } from '../../src/race/boot.js'
import { conditionsOf } from '../../src/race/check.js'
import race from '../../races/device-private-two-faults.js'


/** Whether two faults can keep each other going for ever, however fairly they take turns. */
const verdict = (variant: string) => check(boot(race, conditionsOf(race.variants[variant]!, 'arm64')), { fair: true }).verdict

it('two faults on a page in a device keep each other from getting it back until 7.3', () => {
  expect(verdict('bug')).toBe('violated')
  expect(verdict('fixed')).toBe('holds')
})
