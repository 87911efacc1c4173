import { BBM } from './BBM-break-before-make.js'
import { O1 } from './O1-stale-access.js'
import { O2 } from './O2-use-after-free.js'
import { O3 } from './O3-table-use-after-free.js'
import { O4 } from './O4-gup-linearisability.js'
import { O5 } from './O5-pin-stability.js'
import { O6 } from './O6-lost-write.js'
import { O7 } from './O7-lost-dirty.js'
import { O8 } from './O8-cow-isolation.js'
import { O9 } from './O9-counts.js'
import { O10 } from './O10-notifier-contract.js'
import { O11 } from './O11-device-quiet.js'
import { O12 } from './O12-lock-order.js'
import { O13 } from './O13-structure.js'
import { O14 } from './O14-single-translation.js'
import { O15 } from './O15-file-and-pin.js'
import { O16 } from './O16-pagemap-life.js'
import { O17 } from './O17-livelock.js'
import { O18 } from './O18-write-protection.js'
import type { Oracle } from './oracle.js'

/** Every oracle there is, by id. */
export const oracles: ReadonlyMap<string, Oracle> = new Map(
  [O1, O2, O3, O4, O5, O6, O7, O8, O9, O10, O11, O12, O13, O14, O15, O16, O17, O18, BBM].map((oracle) => [oracle.id, oracle]),
)
