import { testMatrix } from './matrix.js'

await testMatrix(0, 2)
