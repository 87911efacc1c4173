// A random run, to learn from: of the steps that can be taken each is as likely as another.
import { blocked } from './reduction'
import { alternatives, leafOf, localOf, take, threadCount } from './state'

let random: u32 = 1

export function wanderFrom(seed: u32): void {
  random = seed | 1
}

function below(n: u32): u32 {
  random ^= random << 13
  random ^= random >> 17
  random ^= random << 5
  return random % n
}

/** Takes up to `most` steps from the current state. Returns whether there are more to take. */
export function wander(most: i32): bool {
  for (; most > 0; most--) {
    const ready = count()
    if (ready == 0) return false
    takeReady(below(ready))
  }
  return true
}

function count(): u32 {
  let n: u32 = 0
  for (let t = 0; t < threadCount; t++) {
    const local = localOf(t)
    for (let a = alternatives(local) - 1; a >= 0; a--) if (!blocked(leafOf(local, a))) n++
  }
  return n
}

function takeReady(which: u32): void {
  for (let t = 0; t < threadCount; t++) {
    const local = localOf(t)
    const n = alternatives(local)
    for (let a = 0; a < n; a++) {
      const leaf = leafOf(local, a)
      if (blocked(leaf)) continue
      if (which-- > 0) continue
      take(t, leaf)
      return
    }
  }
}
