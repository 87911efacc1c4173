import { describe, expect, it } from 'vitest'
import { bufferOf, type Core, instantiate } from '../../src/engine/core/core.js'

/** So many that all segments have narrow codes in the end. */
const MANY = 1_500_000

/** Fingerprints, the same every time; some agree in half of their bits. */
function fingerprints(count: number): BigUint64Array<ArrayBuffer> {
  const halves = new Uint32Array(count * 2)
  let x = 1
  for (let i = 0; i < halves.length; i++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    halves[i] = i % 100_000 === 0 ? 1 : x
  }
  return new BigUint64Array(halves.buffer)
}

const maskFor = (h: bigint): number => Number((h >> 3n) & 0xffn)

function add(core: Core, all: BigUint64Array, masks: boolean): void {
  const room = core.bufferEntries()
  const at = core.buffer() >>> 0
  for (let from = 0; from < all.length; from += room) {
    const some = all.slice(from, from + room)
    new BigUint64Array(bufferOf(core), at, room).set(some)
    if (masks) new Uint8Array(bufferOf(core), at + room * 8, room).set([...some].map(maskFor))
    core.addCopied(some.length)
  }
}

function content(core: Core, masks: boolean): { all: BigUint64Array; wrongMasks: number } {
  const found: bigint[] = []
  let wrongMasks = 0
  const room = core.bufferEntries()
  for (let part = 0; part < core.partCount(); part++) {
    const count = core.copyPart(part)
    const at = core.buffer() >>> 0
    const some = new BigUint64Array(bufferOf(core), at, count)
    const with_ = new Uint8Array(bufferOf(core), at + room * 8, count)
    for (const [i, h] of some.entries()) {
      found.push(h)
      if (masks && with_[i] !== maskFor(h)) wrongMasks++
    }
  }
  return { all: BigUint64Array.from(found).toSorted(), wrongMasks }
}

describe('the set of visited states', () => {
  const given = fingerprints(MANY)
  const sorted = given.toSorted()
  const distinct = sorted.filter((h, i) => h !== sorted[i - 1])

  it.each([['in any order', given, true], ['in order', sorted, false]] as const)('gives back all 64 bits of what was added %s', (_, order, masks) => {
    const core = instantiate(() => {})
    core.visitedReset(masks ? 8 : 0)
    add(core, order, masks)
    const { all, wrongMasks } = content(core, masks)
    expect(core.states()).toBe(distinct.length)
    expect(all.length).toBe(distinct.length)
    expect(all.every((h, i) => h === distinct[i])).toBe(true)
    expect(wrongMasks).toBe(0)
    add(core, order.subarray(0, 100_000), masks)
    expect(core.states()).toBe(distinct.length)
  })
})
