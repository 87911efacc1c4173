import { testNewer } from './matrix.js'

await testNewer(['6.12', '7.3'])
