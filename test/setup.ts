import { configureGlobal } from 'fast-check'
import { proof } from '../src/engine/learn/proof.js'

/** Random programs are the same in every run, unless FC_SEED says otherwise: FC_SEED=random, or a number. */
const asked = process.env['FC_SEED']
const seed = asked === undefined ? 20_261_121 : asked === 'random' ? Date.now() % 2 ** 31 : Number(asked)
configureGlobal({ seed })

// What a test does not run twice, nobody does.
proof.first = Infinity
