import { mergeConfig } from 'vitest/config'
import config from './vitest.config.js'

/** The long comparisons of random programs: `npm run fuzz`. */
export default mergeConfig({ ...config, test: { ...config.test, include: [] } }, {
  test: { include: ['test/fuzz/*.fuzz.ts'], testTimeout: 0, maxWorkers: 1 },
})
