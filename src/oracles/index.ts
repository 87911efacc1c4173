import { O3 } from './O3-table-use-after-free.js'
import { O4 } from './O4-gup-linearisability.js'
import { O5 } from './O5-pin-stability.js'
import { O6 } from './O6-lost-write.js'
import { O9 } from './O9-counts.js'
import type { Oracle } from './oracle.js'

/** Every oracle there is, by id. */
export const oracles: ReadonlyMap<string, Oracle> = new Map([O3, O4, O5, O6, O9].map((oracle) => [oracle.id, oracle]))
