import { testMatrix } from './matrix.js'

await testMatrix(1, 2)
