// A search of the benchmark scenario in pieces, each by as many workers as `crews` says, one after the other, from the checkpoint of
// the one before.
import { decode } from '../../build/compiled/src/engine/checkpoint/decode.js'
import { encode } from '../../build/compiled/src/engine/checkpoint/encode.js'
import { explore } from '../../build/compiled/src/engine/search/explore.js'
import { exploreInParallel } from '../../build/compiled/src/parallel/explore.js'
import { scenario } from '../../build/compiled/bench/scenario/mmrace.js'

const [size, text, crews, piece, seconds] = process.argv.slice(2).map((word) => JSON.parse(word))
const module = new URL('../../build/compiled/bench/scenario/mmrace.js', import.meta.url).href
const alone = []
let [bytes, saves, pieces, result] = [undefined, 0, 0, undefined]
const options = () => {
  let at = 0
  return {
    ...text, states: piece * (pieces + 1),
    checkpoint: { seconds, save: (checkpoint) => { saves++; bytes = Buffer.concat([...encode(checkpoint, 'test')]) } },
    ...(bytes && { resume: decode((n) => bytes.subarray(at, (at += n)), 'FILE').checkpoint }),
  }
}
do {
  const workers = crews[pieces % crews.length]
  const program = scenario(...size)
  const steps = workers === 1 ? explore(program, options())
    : exploreInParallel(program, { module, name: 'scenario', args: size }, { ...options(), workers }, (why) => alone.push(why.message))
  let turn = await steps.next()
  while (!turn.done) turn = await steps.next()
  result = turn.value
  pieces++
} while (result.verdict === 'not-found')
console.log(JSON.stringify({ result, alone, saves, pieces }))
